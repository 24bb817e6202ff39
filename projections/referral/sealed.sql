-- name: create
-- The type is the full name: it is part of the place that the text was sealed for.
create table sealed_text (
    initiative text not null,
    record uuid not null,
    source text not null,
    event uuid not null,
    field text not null,
    referral uuid,
    offer uuid,
    type text not null,
    sealed text,
    erased bool not null,
    primary key (initiative, record, source, event, field)
);
