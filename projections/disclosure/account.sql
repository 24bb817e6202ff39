-- name: create
-- Who was shown what, under the client (or, of an export, under the reader).  A record's rows stand in one partition,
-- so their order on the log is that of time, and the key alone finds those of one client since some day.
create table disclosure (
    initiative text not null,
    record text not null,
    record_offset int8 not null,
    partition int4 not null,
    event uuid not null,
    type text not null,
    subject text not null,
    reader text not null,
    actor uuid,
    purpose text not null,
    fields text not null,
    filters text not null,
    consent uuid,
    link_by text,
    happened timestamptz not null,
    recorded timestamptz not null,
    primary key (initiative, record, record_offset)
);

-- name: of_client
-- The latest first, since $3; all of them, or ($5 given) those that the partner made itself and those about what it
-- told: the referrals that it sent ($6), and the client where it registered them ($7).  What one reader read is left
-- out ($9).
select record_offset, event::text as event, type, subject, reader, actor::text as actor, purpose, fields,
    consent::text as consent, link_by, happened, recorded
from disclosure
where initiative = $1 and record = $2 and recorded >= $3
and ($4::int8 is null or record_offset < $4)
and ($5::text is null or reader = $5 or subject = any($6::text[]) or (subject = record and $7::bool))
and ($9::text is null or reader <> $9)
order by record_offset desc
limit $8;
