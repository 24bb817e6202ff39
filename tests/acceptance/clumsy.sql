-- name: create
create table clumsy (
    initiative text not null,
    record uuid not null,
    id uuid not null,
    area int2 not null,
    primary key (initiative, record, id)
);
