-- name: standing
-- Where each partition of a build stands, and what was folded last.
select topic, partition, next_offset, clock, last_hash, rule from {schema}.position order by topic, partition;

-- name: still
-- Keeps the served build's processor from moving any partition while another one catches up with it.
lock table {schema}.position in share mode;

-- name: unlogged
select count(*) from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r' and relpersistence = 'u';

-- name: activate
update keep.active set version = $2, build = $3, schema = $4 where projection = $1;

-- name: builds
select nspname as schema,
    (
        select coalesce(sum(pg_total_relation_size(oid)), 0)::int8 from pg_class
        where relnamespace = n.oid and relkind = 'r'
    ) as bytes,
    (
        select coalesce(bool_and(relpersistence = 'p'), true) from pg_class
        where relnamespace = n.oid and relkind = 'r'
    ) as lasting,
    exists (select from keep.active a where a.schema = nspname) as served
from pg_namespace n
where nspname ~ '^rm_[a-z]+_v[0-9]+_'
order by nspname;

-- name: folding
-- Sessions of a processor, known by the name it gives them.
select count(*) from pg_stat_activity where datname = current_database() and application_name = $1;

-- name: claim
-- Rebuilds hold the same lock for as long as they run.
select pg_try_advisory_xact_lock(hashtextextended($1, 20));
