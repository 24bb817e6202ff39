-- What `keep` holds, whole and as of one moment.

-- name: migrations
select number, sha256 from keep.migration order by number;

-- name: epoch
select number from keep.secret where kind = 'epoch' and current;

-- name: tables
-- Every table with its columns in order, and the tables that its rows point to.
select c.relname as name,
    array(
        select a.attname from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum
    )::text[] as columns,
    array(
        select r.relname from pg_constraint f join pg_class r on r.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid
    )::text[] as before
from pg_class c
where c.relnamespace = to_regnamespace('keep') and c.relkind = 'r'
order by c.relname;

-- name: sequences
-- Where a column counts up by itself, the next number follows the largest there is.
select s.relname as sequence, c.relname as table, a.attname as column
from pg_class s
join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
join pg_class c on c.oid = d.refobjid
join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
where s.relkind = 'S' and c.relnamespace = to_regnamespace('keep');

-- name: clear
-- What is not kept refers to what is, and goes with it.
truncate {tables} cascade;

-- name: count_on
select setval('keep.{sequence}', coalesce(max({column}), 0) + 1, false) from keep.{table};

-- name: there
select to_regnamespace('keep') is not null;

-- name: drop
-- A restoration that failed leaves nothing behind.
drop schema if exists keep cascade;
