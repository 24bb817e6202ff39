-- What partner systems say over Kafka: how far each inbox is decided, and what became of every record.

create table keep.inbox (
    partner text primary key,
    -- The one initiative that this inbox speaks to.
    initiative text not null,
    topic text not null unique,
    -- Names the advisory lock of whoever reads it.
    number integer generated always as identity unique,
    -- Goes up when an operator says that the topic was made anew: its offsets then mean other records.
    life integer not null default 0 check (life >= 0),
    -- Every record before it is decided; null before the first.
    next_offset bigint check (next_offset > 0),
    -- Of the last record decided, which must still stand there when reading goes on after it.
    last_hash bytea check (length(last_hash) = 32),
    check ((next_offset is null) = (last_hash is null))
);

create table keep.decision (
    partner text not null references keep.inbox (partner),
    life integer not null,
    record_offset bigint not null,
    -- When the broker took the record.
    recorded_at timestamptz not null,
    -- The id on the log, derived from the emitter's own; null where none could be read.
    event uuid,
    -- Why it was turned away; null when it was let in.
    code text,
    pointer text,
    detail text,
    -- What the partner may call the subject and the client from now on.
    subject text,
    alias uuid,
    -- Exactly what is to be published; the bytes are let go once they stand on the log.
    topic text,
    key text,
    value bytea,
    salt bytea,
    opens uuid,
    log_partition integer,
    log_offset bigint,
    primary key (partner, life, record_offset),
    check ((code is null) = (topic is not null)),
    check ((value is null) = (salt is null) and (value is null) = (key is null)),
    check (code is null or value is null),
    check (code is not null or (value is null) = (log_offset is not null)),
    check ((log_partition is null) = (log_offset is null))
);

create index decision_pending on keep.decision (partner, life, record_offset) where value is not null;
create index decision_event on keep.decision (partner, event) where event is not null;
create index decision_age on keep.decision (recorded_at);

grant select, update on keep.inbox to manyhands_admission;
grant select, insert, update, delete on keep.decision to manyhands_admission;
grant select on keep.inbox, keep.decision to manyhands_gateway;
