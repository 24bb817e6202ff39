-- What operators did with parked entries: who, why, and what became of them.  Only codes and random ids.
create table keep.parked_act (
    act uuid primary key default gen_random_uuid(),
    at timestamptz not null default now(),
    person uuid not null,
    deed text not null check (deed in ('retried', 'skipped')),
    why text check (why ~ '^[a-z0-9][a-z0-9._-]{0,39}$'),
    projection text not null,
    schema text not null,
    view text not null,
    kind text not null,
    initiative text not null,
    record text not null,
    aggregate text not null,
    topic text not null,
    partition int4 not null,
    -- The first entry, why it had been parked, and how many entries left the queue with it.
    record_offset int8 not null,
    error text,
    entries int4 not null check (entries > 0),
    check ((deed = 'skipped') = (why is not null))
);

create index parked_act_at on keep.parked_act (at);

-- Notes are written and read, never changed.
revoke update, delete on keep.parked_act from manyhands_operator;
grant select, insert on keep.parked_act to manyhands_operator;
