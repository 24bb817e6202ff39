-- name: create
-- What each partner is told, in the order of the log: a row never changes, and its place is the record's own.
create table feed (
    initiative text not null,
    partner text not null,
    partition int4 not null,
    record_offset int8 not null,
    ordinal int2 not null,
    kind text not null,
    why text not null,
    next text not null,
    referral uuid,
    offer uuid,
    counterpart text,
    code text,
    protected bool not null,
    event uuid not null,
    type text not null,
    happened timestamptz not null,
    recorded timestamptz not null,
    primary key (initiative, partner, partition, record_offset, ordinal)
);
