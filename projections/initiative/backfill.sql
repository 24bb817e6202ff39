-- name: create
create table backfill (
    initiative text not null,
    record text not null,
    id text not null,
    state text not null,
    since timestamptz not null,
    until timestamptz not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    primary key (initiative, record, id)
);
