-- name: positions
select topic, partition, next_offset, clock, last_hash, rule
from {schema}.position
order by topic collate "C", partition;

-- name: parked
select topic, partition, record_offset, view, kind, initiative, record, aggregate, source, id::text as id, digest,
    error, entry
from {schema}.parked
order by topic collate "C", partition, record_offset, view collate "C";

-- name: rows
select {columns} from {schema}.{table} order by {key};
