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
