-- Every statement runs with the read model's own schema as its search path.

-- name: bare
-- Rows are put into tables without keys, which are made again over all of them at once.
alter table timeline drop constraint timeline_pkey;
alter table referral drop constraint referral_pkey;
alter table client drop constraint client_pkey;
drop index referral_sender, referral_recipient;

-- name: clients
insert into client
select made.* from client c, generate_series(1, $1) n, lateral jsonb_populate_record(null::client, to_jsonb(c)
    || jsonb_build_object('record', md5(c.record::text || n)::uuid, 'id', md5(c.id::text || n)::uuid)) made;

-- name: referrals
insert into referral
select made.* from referral r, generate_series(1, $1) n, lateral jsonb_populate_record(null::referral, to_jsonb(r)
    || jsonb_build_object('record', md5(r.record::text || n)::uuid, 'id', md5(r.id::text || n)::uuid)) made;

-- name: timelines
insert into timeline
select t.initiative, md5(t.record || n)::uuid::text, t.source, md5(t.id::text || n)::uuid, t.digest, t.topic,
    t.partition, t.record_offset, md5(t.subject || n)::uuid::text, t.type, t.happened, t.recorded, t.actor, t.offer,
    t.outcome, t.refusal, t.detail, t.backfilled, t.copies
from timeline t, generate_series(1, $1) n;

-- name: keyed
-- With the room in their pages that indexes have which grew by one random key after another, as those of a read model
-- do: pages that split are 69 % full on average (A. C. Yao, On random 2-3 trees, 1978).  Made at once they would be 90 %
-- full, and nearly each new record would split a page.
alter table timeline add primary key (initiative, record, source, id) with (fillfactor = 69);
alter table referral add primary key (initiative, record, id) with (fillfactor = 69);
alter table client add primary key (initiative, record, id) with (fillfactor = 69);
create index referral_sender on referral (initiative, sender);
create index referral_recipient on referral (initiative, recipient) where recipient is not null;
analyze timeline, referral, client;

-- name: count
select count(*) from referral;

-- name: folded
select sum(next_offset)::int8 from position;
