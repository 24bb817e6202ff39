-- name: create
create table mention (
    initiative text not null,
    type text not null,
    partition int4 not null,
    times int8 not null,
    reused int8 not null,
    primary key (initiative, type, partition)
);
