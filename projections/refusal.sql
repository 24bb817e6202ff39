-- name: create
-- Records that changed nothing, and why.  One that could not be read has its fingerprint alone.  A type is named
-- in short here and in timelines, as in `referral.offer_sent`.
create table refusal (
    topic text not null,
    partition int4 not null,
    record_offset int8 not null,
    code text not null,
    detail text,
    recorded timestamptz not null,
    initiative text,
    record text,
    source text,
    id uuid,
    type text,
    subject text,
    hash bytea,
    primary key (topic, partition, record_offset)
);
-- Whoever spoke asks what of theirs was refused, the latest first.
create index refusal_source on refusal (initiative, source, recorded);
