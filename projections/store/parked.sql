-- name: create
-- Entries that a view could not take (`error` says why), and those that wait behind one in order.
create table parked (
    topic text not null,
    partition int4 not null,
    record_offset int8 not null,
    view text not null,
    kind text not null,
    initiative text not null,
    record text not null,
    aggregate text not null,
    source text not null,
    id uuid not null,
    digest bytea not null,
    error text,
    entry text not null,
    copies int4 not null,
    primary key (topic, partition, record_offset, view)
);
create index parked_identity on parked (initiative, record, source, id);

-- name: seen
select p.initiative, p.record, p.source, p.id::text as id, p.record_offset, p.digest
from unnest(
    string_to_array($1, E'\n'), string_to_array($2, E'\n'), string_to_array($3, E'\n'),
    string_to_array($4, E'\n')::uuid[]
) as wanted (initiative, record, source, id)
join parked p using (initiative, record, source, id)
where p.view = 'timeline'

-- name: copied
update parked p set copies = p.copies + again.copies
from unnest(
    string_to_array($1, E'\n'), string_to_array($2, E'\n'), string_to_array($3, E'\n'),
    string_to_array($4, E'\n')::uuid[], string_to_array($5, E'\n')::int4[]
) as again (initiative, record, source, id, copies)
where (p.initiative, p.record, p.source, p.id) = (again.initiative, again.record, again.source, again.id)
and p.view = 'timeline';

-- name: waiting
select distinct view, kind, initiative, record, aggregate from parked where topic = $1 and partition = $2;

-- name: still
-- Whoever folds this partition moves this row first, so that nobody parks or erases until this transaction ends.
select next_offset from position where topic = $1 and partition = $2 for update;

-- name: queues
-- Which aggregates of a view wait, in the order of their first entries.
select topic, partition, kind, initiative, record, aggregate
from parked
where view = $1 and ($2::text is null or aggregate = $2)
group by topic, partition, kind, initiative, record, aggregate
order by topic, partition, min(record_offset);

-- name: queue
select record_offset, initiative, record, source, id::text as id, digest, error, entry, copies
from parked
where topic = $1 and partition = $2 and view = $3 and (kind, initiative, record, aggregate) = ($4, $5, $6, $7)
order by record_offset;

-- name: told
-- What of a person waits for the timeline: an erasure may be among it.
select record_offset, entry from parked
where view = 'timeline' and topic = $1 and partition = $2 and initiative = $3 and record = $4
order by record_offset;

-- name: erased
select max(record_offset) from timeline
where initiative = $1 and record = $2 and type = 'client.erased' and outcome <> 'refused';

-- name: gone
delete from parked
where topic = $1 and partition = $2 and view = $3 and record_offset = any($4::int8[]);

-- name: failed
update parked set error = $5
where topic = $1 and partition = $2 and view = $3 and record_offset = $4::int8;

-- name: durable
-- What is noted beside the rows is not in the log: the commit waits for the disk.
set local synchronous_commit = on;
