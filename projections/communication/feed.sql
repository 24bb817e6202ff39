-- name: create
-- What each partner is told, in the order of the log: a row never changes, and its place is the record's own.
create table feed (
    initiative text not null,
    partner text not null,
    partition int4 not null,
    record_offset int8 not null,
    ordinal int2 not null,
    kind text not null,
    why text not null,
    next text not null,
    referral uuid,
    offer uuid,
    counterpart text,
    code text,
    protected bool not null,
    event uuid not null,
    type text not null,
    happened timestamptz not null,
    recorded timestamptz not null,
    primary key (initiative, partner, partition, record_offset, ordinal)
);

-- name: after
-- What follows the places that were seen, one for each partition ($3 to $5); a partition's clock never falls, so
-- ordered by it each partition's rows keep their own order, and the first $6 rows skip none.
select e.kind, e.why, e.next, e.referral::text as referral, e.offer::text as offer, e.counterpart, e.code,
    e.protected, e.event::text as event, e.type, e.happened, e.recorded, e.partition, e.record_offset, e.ordinal
from position p
left join unnest($3::int4[], $4::int8[], $5::int2[]) as seen (partition, record_offset, ordinal)
    on seen.partition = p.partition
cross join lateral (
    select * from feed f
    where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
    and (f.record_offset, f.ordinal) > (coalesce(seen.record_offset, -1), coalesce(seen.ordinal, 0::int2))
    order by f.record_offset, f.ordinal
    limit $6
) e
order by e.recorded, e.partition, e.record_offset, e.ordinal
limit $6;

-- name: newest
-- The last $3 rows, the newest first.
select e.kind, e.why, e.next, e.referral::text as referral, e.offer::text as offer, e.counterpart, e.code,
    e.protected, e.event::text as event, e.type, e.happened, e.recorded, e.partition, e.record_offset, e.ordinal
from position p
cross join lateral (
    select * from feed f
    where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
    order by f.record_offset desc, f.ordinal desc
    limit $3
) e
order by e.recorded desc, e.partition desc, e.record_offset desc, e.ordinal desc
limit $3;

-- name: heads
-- The last place of each partition that has any.
select e.partition, e.record_offset, e.ordinal
from position p
cross join lateral (
    select f.partition, f.record_offset, f.ordinal from feed f
    where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
    order by f.record_offset desc, f.ordinal desc
    limit 1
) e
order by e.partition;

-- name: counts
-- How many rows of each kind follow the places that were seen.
select e.kind, count(*) as entries
from position p
left join unnest($3::int4[], $4::int8[], $5::int2[]) as seen (partition, record_offset, ordinal)
    on seen.partition = p.partition
cross join lateral (
    select f.kind from feed f
    where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
    and (f.record_offset, f.ordinal) > (coalesce(seen.record_offset, -1), coalesce(seen.ordinal, 0::int2))
) e
group by e.kind
order by e.kind collate "C";

-- name: before
-- What precedes the places that are named, one for each partition ($3 to $5), the newest first; a partition that is
-- not named gives nothing.
select e.kind, e.why, e.next, e.referral::text as referral, e.offer::text as offer, e.counterpart, e.code,
    e.protected, e.event::text as event, e.type, e.happened, e.recorded, e.partition, e.record_offset, e.ordinal
from unnest($3::int4[], $4::int8[], $5::int2[]) as shown (partition, record_offset, ordinal)
cross join lateral (
    select * from feed f
    where f.initiative = $1 and f.partner = $2 and f.partition = shown.partition
    and (f.record_offset, f.ordinal) < (shown.record_offset, shown.ordinal)
    order by f.record_offset desc, f.ordinal desc
    limit $6
) e
order by e.recorded desc, e.partition desc, e.record_offset desc, e.ordinal desc
limit $6;

-- name: news
-- What any of these partners ($2) is told since partitions stood at these offsets ($3 and $4), at most $5 rows.
select e.partner, e.kind, e.why, e.next, e.referral::text as referral, e.offer::text as offer, e.counterpart, e.code,
    e.protected, e.event::text as event, e.type, e.happened, e.recorded, e.partition, e.record_offset, e.ordinal
from position p
left join unnest($3::int4[], $4::int8[]) as since (partition, next_offset) on since.partition = p.partition
cross join unnest($2::text[]) as wanted (partner)
cross join lateral (
    select * from feed f
    where f.initiative = $1 and f.partner = wanted.partner and f.partition = p.partition
    and f.record_offset >= coalesce(since.next_offset, 0)
    order by f.record_offset, f.ordinal
    limit $5
) e
where p.next_offset > coalesce(since.next_offset, 0)
order by e.recorded, e.partition, e.record_offset, e.ordinal
limit $5;

-- name: stands
-- How far each partition is folded.
select partition, next_offset from position;
