-- name: served
-- Whether this build is the one that is served, and until the transaction ends it stays so.
select schema = $2 from keep.active where projection = $1 for share;

-- name: lock
-- One after the other, so that whoever sees a number sees all before it.
select pg_advisory_xact_lock(hashtextextended('keep.released', 40));

-- name: list
-- What is listed again, as it had been parked once more in another build, has its later place.
insert into keep.released (initiative, partner, partition, record_offset, ordinal, behind, number, told)
select e.initiative, e.partner, e.partition, e.record_offset, e.ordinal, p.next_offset - 1,
    greatest((select max(number) from keep.released), 10000)
        + row_number() over (order by e.partition, e.record_offset, e.ordinal, e.initiative, e.partner),
    timestamptz 'epoch' + p.clock * interval '1 millisecond'
from unnest($1::text[], $2::text[], $3::int4[], $4::int8[], $5::int2[])
    as e (initiative, partner, partition, record_offset, ordinal)
join {schema}.position p on p.partition = e.partition
on conflict (initiative, partner, partition, record_offset, ordinal) do update
set behind = excluded.behind, number = excluded.number, told = excluded.told;

-- name: brought
-- What another build has that waits in the one that is served.
select distinct f.initiative, f.partner, f.partition, f.record_offset, f.ordinal
from {before}.parked w join {after}.feed f
    on f.initiative = w.initiative and f.partition = w.partition and f.record_offset = w.record_offset
where w.view = 'feed';
