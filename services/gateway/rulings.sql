-- name: positions
select topic, partition, next_offset from api_referral.position;

-- name: within
-- One initiative's rows, found by their keys alone, however few of them there are.
select set_config('manyhands.initiative', $1, true), set_config('enable_seqscan', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);

-- name: rulings
select t.outcome, t.refusal, t.topic, t.partition, t.record_offset, t.digest, r.code, r.detail, p.view as parked
from unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::int4[], $7::int8[])
    with ordinality as wanted (record, source, id, topic, partition, record_offset, place)
left join api_referral.timeline t
    on (t.initiative, t.record, t.source, t.id) = ($1, wanted.record, wanted.source, wanted.id)
left join api_referral.refusal r
    on (r.topic, r.partition, r.record_offset) = (wanted.topic, wanted.partition, wanted.record_offset)
left join lateral (
    select view from api_referral.parked
    where (topic, partition, record_offset) = (wanted.topic, wanted.partition, wanted.record_offset)
    limit 1
) p on true
order by wanted.place;
