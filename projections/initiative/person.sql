-- name: create
create table person (
    initiative text not null,
    record text not null,
    id text not null,
    state text not null,
    roles int2 not null,
    primary key (initiative, record, id)
);
