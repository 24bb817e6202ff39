-- name: create
-- One row for each event that said something new, by its identity, so that a copy of it is known as one.
create table timeline (
    initiative text not null,
    record text not null,
    source text not null,
    id uuid not null,
    digest bytea not null,
    record_offset int8 not null,
    type text not null,
    outcome text not null,
    copies int4 not null,
    primary key (initiative, record, source, id)
);
