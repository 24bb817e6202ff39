-- name: create
-- Marks of offers, needs and persons, as they were recorded; rows are added and never changed.  A figure reads one
-- cohort and nothing else: needs by the month of their first offer, or by the one they were moved to as that offer was
-- an error, and offers by their own, which for most is the same and then is in the first index alone.  What figures are cut by stands where an offer was sent, claimed or handed off.
create table loop (
    initiative text not null,
    record uuid not null,
    record_offset int8 not null,
    number int2 not null,
    partition int4 not null,
    referral uuid,
    offer uuid,
    need_month date,
    month date,
    mark text not null,
    happened timestamptz,
    value text,
    detail text,
    recorded timestamptz not null,
    source text not null,
    event uuid not null,
    sender text,
    recipient text,
    service uuid,
    need text,
    area text,
    programme_class text,
    protected bool,
    backfilled bool,
    primary key (initiative, record, record_offset, number)
);
create index loop_need on loop (initiative, need_month) where need_month is not null;
create index loop_later on loop (initiative, month) where month <> need_month;
create index loop_erased on loop (initiative, record) where mark = 'erased';
