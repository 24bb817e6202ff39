-- name: create
create table partner (
    initiative text not null,
    record text not null,
    id text not null,
    state text not null,
    name text not null,
    sector text not null,
    reporting text not null,
    agreed bool not null,
    active bool not null,
    joined_at timestamptz not null,
    primary key (initiative, record, id)
);
