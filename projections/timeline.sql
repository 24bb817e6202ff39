-- name: create
-- One row for each event that said something new.  The key is the event's identity, and there is no other index:
-- a subject's entries are read by the front of the key, as a record holds few of them.
create table timeline (
    initiative text not null,
    record text not null,
    source text not null,
    id uuid not null,
    digest bytea not null,
    topic text not null,
    partition int4 not null,
    record_offset int8 not null,
    subject text not null,
    type text not null,
    happened timestamptz not null,
    recorded timestamptz not null,
    actor uuid,
    offer uuid,
    outcome text not null,
    refusal text,
    detail text,
    backfilled bool not null,
    copies int4 not null,
    primary key (initiative, record, source, id)
);

-- name: seen
select t.initiative, t.record, t.source, t.id::text as id, t.record_offset, t.digest
from unnest(
    string_to_array($1, E'\n'), string_to_array($2, E'\n'), string_to_array($3, E'\n'),
    string_to_array($4, E'\n')::uuid[]
) as wanted (initiative, record, source, id)
join timeline t using (initiative, record, source, id)

-- name: copied
update timeline t set copies = t.copies + again.copies
from unnest(
    string_to_array($1, E'\n'), string_to_array($2, E'\n'), string_to_array($3, E'\n'),
    string_to_array($4, E'\n')::uuid[], string_to_array($5, E'\n')::int4[]
) as again (initiative, record, source, id, copies)
where (t.initiative, t.record, t.source, t.id) = (again.initiative, again.record, again.source, again.id);

-- name: of_subject
select type, happened, recorded, source, actor::text as actor, offer::text as offer, outcome, refusal, detail,
    backfilled, copies, topic, partition, record_offset
from timeline
where initiative = $1 and record = $2 and subject = $3
order by record_offset;
