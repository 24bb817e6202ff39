-- name: create
-- The words of applied events that no later state keeps, as canonical JSON: codes, counts and times, nothing sealed.
create table said (
    initiative text not null,
    record uuid not null,
    source text not null,
    event uuid not null,
    referral uuid not null,
    offer uuid,
    type text not null,
    words text,
    erased bool not null,
    primary key (initiative, record, source, event)
);
