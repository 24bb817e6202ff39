-- name: note
insert into keep.parked_act (
    person, deed, why, projection, schema, view, kind, initiative, record, aggregate,
    topic, partition, record_offset, error, entries
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: resolved
select at, person::text as person, deed, why, projection, schema, view, kind, initiative, record, aggregate,
    topic, partition, record_offset, error, entries
from keep.parked_act
where $1::text is null or projection = $1
order by at desc, act
limit $2;
