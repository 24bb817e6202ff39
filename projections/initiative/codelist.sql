-- name: create
create table codelist (
    initiative text not null,
    record text not null,
    id text not null,
    state text not null,
    codes int4 not null,
    published_at timestamptz not null,
    primary key (initiative, record, id)
);
