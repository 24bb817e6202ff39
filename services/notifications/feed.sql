-- Partners' feeds as they are read.  An entry that was released from parking has its place where `keep.released` says,
-- and none of its own: readers may have been past that one.  A partition's clock never falls, so ordered by it each
-- partition's entries keep their own order, and the first few skip none.

-- name: entry
-- What a reader is told of an entry, and its partition.
e.kind, e.why, e.next, e.referral::text as referral, e.offer::text as offer, e.counterpart, e.code,
    e.protected, e.event::text as event, e.type, e.happened, e.recorded, e.partition,

-- name: placed_by_the_log
-- Entries with the place at which readers come to them, and the partition's clock there.
select f.*, f.record_offset as behind, f.ordinal::int4 as number, f.recorded as told
from feed f

-- name: placed_by_a_release
select f.*, r.behind, r.number, r.told
from keep.released r join feed f using (initiative, partner, partition, record_offset, ordinal)

-- name: in_place
-- Only entries that readers come to where the log has them.
and not exists (
    select from keep.released r
    where (r.initiative, r.partner, r.partition) = (f.initiative, f.partner, f.partition)
    and (r.record_offset, r.ordinal) = (f.record_offset, f.ordinal)
)

-- name: after
-- What follows the places that were seen, one for each partition ($3 to $5).
select
    -- part: entry
    e.behind as record_offset, e.number as ordinal
from position p
left join unnest($3::int4[], $4::int8[], $5::int4[]) as seen (partition, record_offset, ordinal)
    on seen.partition = p.partition
cross join lateral (
    (
        -- part: placed_by_the_log
        where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
        and (f.record_offset, f.ordinal) > (coalesce(seen.record_offset, -1), coalesce(seen.ordinal, 0))
        -- part: in_place
        order by f.record_offset, f.ordinal
        limit $6
    )
    union all
    (
        -- part: placed_by_a_release
        where r.initiative = $1 and r.partner = $2 and r.partition = p.partition
        and (r.behind, r.number) > (coalesce(seen.record_offset, -1), coalesce(seen.ordinal, 0))
        order by r.behind, r.number
        limit $6
    )
) e
order by e.told, e.partition, e.behind, e.number
limit $6;

-- name: newest
-- The last $3 entries, the newest first.
select
    -- part: entry
    e.behind as record_offset, e.number as ordinal
from position p
cross join lateral (
    (
        -- part: placed_by_the_log
        where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
        -- part: in_place
        order by f.record_offset desc, f.ordinal desc
        limit $3
    )
    union all
    (
        -- part: placed_by_a_release
        where r.initiative = $1 and r.partner = $2 and r.partition = p.partition
        order by r.behind desc, r.number desc
        limit $3
    )
) e
order by e.told desc, e.partition desc, e.behind desc, e.number desc
limit $3;

-- name: heads
-- The last place of each partition that has any.
select e.partition, e.record_offset, e.ordinal
from position p
cross join lateral (
    (
        select f.partition, f.record_offset, f.ordinal::int4 as ordinal from feed f
        where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
        order by f.record_offset desc, f.ordinal desc
        limit 1
    )
    union all
    (
        select r.partition, r.behind, r.number from keep.released r
        where r.initiative = $1 and r.partner = $2 and r.partition = p.partition
        order by r.behind desc, r.number desc
        limit 1
    )
    order by record_offset desc, ordinal desc
    limit 1
) e
order by e.partition;

-- name: counts
-- How many entries of each kind follow the places that were seen.
select e.kind, count(*) as entries
from position p
left join unnest($3::int4[], $4::int8[], $5::int4[]) as seen (partition, record_offset, ordinal)
    on seen.partition = p.partition
cross join lateral (
    select f.kind from feed f
    where f.initiative = $1 and f.partner = $2 and f.partition = p.partition
    and (f.record_offset, f.ordinal) > (coalesce(seen.record_offset, -1), coalesce(seen.ordinal, 0))
    -- part: in_place
    union all
    select f.kind
    from keep.released r join feed f using (initiative, partner, partition, record_offset, ordinal)
    where r.initiative = $1 and r.partner = $2 and r.partition = p.partition
    and (r.behind, r.number) > (coalesce(seen.record_offset, -1), coalesce(seen.ordinal, 0))
) e
group by e.kind
order by e.kind collate "C";

-- name: before
-- What precedes the places that are named, one for each partition ($3 to $5), the newest first; a partition that is
-- not named gives nothing.
select
    -- part: entry
    e.behind as record_offset, e.number as ordinal
from unnest($3::int4[], $4::int8[], $5::int4[]) as shown (partition, record_offset, ordinal)
cross join lateral (
    (
        -- part: placed_by_the_log
        where f.initiative = $1 and f.partner = $2 and f.partition = shown.partition
        and (f.record_offset, f.ordinal) < (shown.record_offset, shown.ordinal)
        -- part: in_place
        order by f.record_offset desc, f.ordinal desc
        limit $6
    )
    union all
    (
        -- part: placed_by_a_release
        where r.initiative = $1 and r.partner = $2 and r.partition = shown.partition
        and (r.behind, r.number) < (shown.record_offset, shown.ordinal)
        order by r.behind desc, r.number desc
        limit $6
    )
) e
order by e.told desc, e.partition desc, e.behind desc, e.number desc
limit $6;

-- name: news
-- What any of these partners ($2) is told since partitions stood at these offsets ($3 and $4), at most $5 entries;
-- what was released is read by pages.
select
    e.partner,
    -- part: entry
    e.record_offset, e.ordinal::int4 as ordinal
from position p
left join unnest($3::int4[], $4::int8[]) as since (partition, next_offset) on since.partition = p.partition
cross join unnest($2::text[]) as wanted (partner)
cross join lateral (
    select * from feed f
    where f.initiative = $1 and f.partner = wanted.partner and f.partition = p.partition
    and f.record_offset >= coalesce(since.next_offset, 0)
    -- part: in_place
    order by f.record_offset, f.ordinal
    limit $5
) e
where p.next_offset > coalesce(since.next_offset, 0)
order by e.recorded, e.partition, e.record_offset, e.ordinal
limit $5;

-- name: stands
-- How far each partition is folded, and what was released last.
select partition, next_offset, (select coalesce(max(number), 0) from keep.released) as released from position;
