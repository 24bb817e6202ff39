-- name: summary
select status, coalesce(detail, '') as detail, loop, count(*) as referrals,
    count(*) filter (where backfilled) as backfilled
from referral
where $1::text is null or initiative = $1
group by 1, 2, 3
order by 4 desc, 1, 2;

-- name: board
-- Pages go by key: the next begins after the last row of this one, whatever was added meanwhile.
select initiative, record::text as record, id::text as id, status, detail, loop, sender, recipient, need, area,
    urgency, offers, requested_at, sent_at, responded_at, closed_at, respond_by, outcome, backfilled, erased
from referral
where ($1::text is null or initiative = $1)
and ($2::text is null or status = $2)
and ($3::text is null or sender = $3)
and ($4::text is null or recipient = $4)
and ($5::text is null or need = $5)
and ($6::text is null or (initiative, record, id) > (
    select initiative, record, id from referral where id = $6::text::uuid limit 1
))
order by initiative, record, id
limit $7;

-- name: referral
select initiative, record::text as record, id::text as id, status, detail, loop, sender, recipient, need, area,
    urgency, offers, requested_at, sent_at, responded_at, closed_at, respond_by, outcome, backfilled, erased
from referral
where id = $1::text::uuid;

-- name: longest
-- The referral that the most was said about, of those that ended well.
select t.subject
from timeline t
join referral r on r.initiative = t.initiative and r.record = t.record::uuid and r.id = t.subject::uuid
where r.loop = 'closed-served' and t.type like 'referral.%'
group by t.subject
order by count(*) desc, t.subject
limit 1;

-- name: refusals_by_code
select code, coalesce(detail, '') as detail, count(*) as records
from refusal
group by 1, 2
order by 3 desc, 1, 2;

-- name: refusals
select topic, partition, record_offset, code, detail, recorded, source, type, subject
from refusal
where ($1::text is null or code = $1)
and ($2::text is null or source = $2)
and ($3::text is null or (topic, partition, record_offset) > ($3, $4::int4, $5::int8))
order by topic, partition, record_offset
limit $6;

-- name: counts
select
    (select count(*) from timeline) as events,
    (select count(*) from client) as clients,
    (select count(*) from referral) as referrals,
    (select coalesce(sum(copies), 0) from timeline) as copies,
    (select count(*) from refusal) as refusals,
    (select count(*) from parked) as parked;
