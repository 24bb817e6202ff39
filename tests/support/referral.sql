-- name: create
create table referral (
    initiative text not null,
    record text not null,
    id uuid not null,
    state text not null,
    count int4 not null,
    last text not null,
    note text,
    erased bool not null,
    primary key (initiative, record, id)
);
