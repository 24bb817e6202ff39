-- name: list
-- One line for each aggregate of a view: the entry that failed first, and how many wait behind it.
select view, kind, initiative, record, aggregate, topic, partition, min(record_offset) as record_offset,
    (array_agg(error order by record_offset))[1] as error, count(*) - 1 as waiting
from {schema}.parked
group by view, kind, initiative, record, aggregate, topic, partition
order by topic, partition, record_offset, view;

-- name: show
select view, kind, initiative, record, aggregate, topic, partition, record_offset, source, id::text as id, error,
    copies, entry
from {schema}.parked
where topic = $1 and partition = $2 and record_offset = $3::int8 and ($4::text is null or view = $4)
order by view;

-- name: behind
-- Everything that waits for the same aggregate of the same view.
select record_offset
from {schema}.parked
where view = $1 and kind = $2 and initiative = $3 and record = $4 and aggregate = $5
order by record_offset;
