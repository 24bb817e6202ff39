-- name: create
create table history (
    initiative text not null,
    record text not null,
    record_offset int8 not null,
    type text not null,
    id uuid not null,
    primary key (initiative, record, record_offset)
);
