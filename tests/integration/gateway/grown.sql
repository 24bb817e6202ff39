-- name: grow
-- Copies of what there is, each under keys of its own and of forty partners.
insert into rm_referral_v8_a.referral
select made.*
from (select * from rm_referral_v8_a.referral limit 1) r, generate_series(1, 20000) n,
    lateral jsonb_populate_record(null::rm_referral_v8_a.referral, to_jsonb(r) || jsonb_build_object(
        'record', md5('client' || n)::uuid, 'id', md5('referral' || n)::uuid,
        'sender', 'partner-' || n % 40, 'recipient', 'partner-' || (n + 1) % 40
    )) made;
insert into rm_referral_v8_a.asked
select r.initiative, md5('client' || n)::uuid, md5('referral' || n)::uuid, md5('offer' || n)::uuid,
    case when n % 50 > 0 then 'partner-' || (n + 2) % 40 end, case when n % 50 = 0 then 'class-' || n % 40 end
from (select * from rm_referral_v8_a.referral limit 1) r, generate_series(1, 20000) n;
insert into rm_referral_v8_a.client
select made.*
from (select * from rm_referral_v8_a.client limit 1) c, generate_series(1, 20000) n,
    lateral jsonb_populate_record(null::rm_referral_v8_a.client, to_jsonb(c) || jsonb_build_object(
        'record', md5('client' || n)::uuid, 'id', md5('client' || n)::uuid
    )) made;
insert into rm_referral_v8_a.sealed_text
select made.*
from (select * from rm_referral_v8_a.sealed_text limit 1) s, generate_series(1, 20000) n,
    lateral jsonb_populate_record(null::rm_referral_v8_a.sealed_text, to_jsonb(s) || jsonb_build_object(
        'record', md5('client' || n)::uuid
    )) made;
insert into rm_referral_v8_a.timeline
select t.initiative, md5('client' || n)::uuid::text, t.source, md5('event' || n)::uuid, t.digest, t.topic, t.partition,
    n + 1000, md5('referral' || n)::uuid::text, t.type, t.happened, t.recorded, t.actor, t.offer, t.outcome, t.refusal,
    t.detail, t.backfilled, t.copies
from (select * from rm_referral_v8_a.timeline limit 1) t, generate_series(1, 20000) n;
insert into rm_referral_v8_a.said
select t.initiative, md5('client' || n)::uuid, t.source, md5('event' || n)::uuid, md5('referral' || n)::uuid, t.offer,
    t.type, '{}', false
from (select * from rm_referral_v8_a.timeline limit 1) t, generate_series(1, 20000) n;
insert into rm_referral_v8_a.refusal (topic, partition, record_offset, code, recorded, initiative, record, source, id)
select t.topic, t.partition, n + 1000, 'unknown-client', t.recorded, t.initiative, t.record, 'partner-' || n % 40, t.id
from (select * from rm_referral_v8_a.timeline limit 1) t, generate_series(1, 20000) n;

-- name: measure
analyze rm_referral_v8_a.referral, rm_referral_v8_a.client, rm_referral_v8_a.sealed_text, rm_referral_v8_a.timeline,
    rm_referral_v8_a.said, rm_referral_v8_a.refusal, rm_referral_v8_a.asked;
