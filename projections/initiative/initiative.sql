-- name: create
create table initiative (
    initiative text not null,
    record text not null,
    id text not null,
    state text not null,
    name text not null,
    backbone text not null,
    opened_at timestamptz not null,
    primary key (initiative, record, id)
);
