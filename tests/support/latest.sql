-- name: create
create table latest (
    initiative text not null,
    record text not null,
    referral uuid not null,
    offer text,
    at timestamptz not null,
    erased bool not null,
    primary key (initiative, record, referral)
);
