-- What the API reads of the referral projection.  Every statement runs in a snapshot of the served build.

-- name: of_partner
-- What the partner sent and what it is asked to do, each found by its own index.
select r.*
from referral r
where r.initiative = $1 and r.sender = $2 and $3::text is distinct from 'recipient'
union all
select r.*
from referral r
where r.initiative = $1 and r.recipient = $2 and r.sender <> $2 and $3::text is distinct from 'sender'

-- name: of_coordinator
-- The unprotected ones of people who named the coordinator's partner in a consent; whether that is in force is
-- judged of each.  Every client of the initiative is looked at.
select r.*
from client c
join referral r on r.initiative = $1 and r.record = c.record
where c.initiative = $1 and $3::text is null and not r.protected and not c.erased
and c.state::jsonb @> jsonb_build_object(
    'consents', jsonb_build_array(jsonb_build_object('partners', jsonb_build_array($2::text)))
)

-- name: page
-- Those that are found, narrowed; `key` is what the page goes by.
with found as (
    {found}
),
page as (
    select f.id, f.record, f.state, {key} as key
    from found f
    where ($4::uuid is null or f.record = $4)
    and ($5::uuid is null or f.id = $5)
    and ($6::text[] is null or f.status = any($6))
    and ($7::text is null or f.detail = $7)
    and ($8::text is null or f.loop = $8)
    and ($9::text is null or f.sender = $9)
    and ($10::text is null or f.recipient = $10)
    and ($11::text is null or f.need = $11)
    and ($12::text is null or f.area = $12)
    and ($13::text is null or f.urgency = $13)
    and ($14::text is null or f.programme = $14)
    and ($15::text is null or f.reason = $15)
    and ($16::bool is null
        or $16 = (f.loop = 'open' and f.responded_at is null and coalesce(f.respond_by < $17::timestamptz, false)))
    and ($18::timestamptz is null or (f.loop = 'open' and f.responded_at is null and f.respond_by < $18))
    and ($19::timestamptz is null or f.requested_at >= $19)
    and ($20::timestamptz is null or f.requested_at < $20)
    and ($21::timestamptz is null or (f.state::jsonb ->> 'last')::timestamptz >= $21)
    and case $22::text
        when 'needs-my-answer' then f.recipient = $2 and f.loop = 'open' and f.responded_at is null
            and f.closed_at is null
        when 'waiting' then f.sender = $2 and f.loop = 'open' and f.sent_at is not null and f.closed_at is null
        when 'overdue' then f.loop = 'open' and f.responded_at is null and f.respond_by < $17::timestamptz
        when 'unacknowledged' then f.sender = $2 and f.status = 'completed' and f.acknowledged_at is null
        else true
    end
    and ($23::timestamptz is null or ({key}, f.id) {beyond} ($23, $24::uuid))
    order by {key} {way}, f.id {way}
    limit $25
)
select p.id::text as id, p.record::text as record, p.key, p.state, c.state as client
from page p
join client c on c.initiative = $1 and c.record = p.record and c.id = p.record
order by p.key {way}, p.id {way};

-- name: one
select r.state, c.state as client
from referral r
join client c on c.initiative = $1 and c.record = $2::uuid and c.id = $2::uuid
where r.initiative = $1 and r.record = $2::uuid and r.id = $3::uuid;

-- name: told_by
-- Which of the client's referrals the partner sent, and whether it registered the client.
select c.registered_by = $3 as registered, array(
    select r.id::text from referral r where r.initiative = $1 and r.record = $2::uuid and r.sender = $3
) as sent
from client c
where c.initiative = $1 and c.record = $2::uuid and c.id = $2::uuid;

-- name: of_client
-- All of one client's referrals, by when they were asked for.
select r.id::text as id, r.record::text as record, r.state, c.state as client
from client c
join referral r on r.initiative = $1 and r.record = $2::uuid
where c.initiative = $1 and c.record = $2::uuid and c.id = $2::uuid
order by r.requested_at, r.id;

-- name: client
select state from client where initiative = $1 and record = $2::text::uuid and id = $2::text::uuid;

-- name: timeline
-- What the caller said itself, and of what others said and was applied as much as it may know: all of it ($5), or
-- the opening and what is about its own offers ($6).  With $9, as much as was recorded by then.
select type, happened, recorded, source, id::text as id, actor::text as actor, offer::text as offer, outcome, refusal,
    detail, backfilled, copies, record_offset, since
from (
    select t.*, happened - max(happened) filter (where outcome <> 'refused') over (
        order by record_offset rows between unbounded preceding and 1 preceding
    ) as since
    from timeline t
    where t.initiative = $1 and t.record = $2 and t.subject = $3
    and (t.source = $4 or (t.outcome <> 'refused'
        and ($5::bool or t.type = 'referral.requested' or t.offer = any($6::uuid[]))))
    and ($9::timestamptz is null or t.recorded <= $9)
) visible
where record_offset > $7::int8
order by record_offset
limit $8;

-- name: history
-- Of one referral all that the caller said or may know of its offers, as above, and of the rest of its client's record
-- what may have ended them ($7), without whose it is.
select record_offset, type, happened, recorded, case when shown then offer::text end as offer,
    case when shown then detail end as detail, outcome <> 'refused' as applied
from (
    select t.*, t.subject = $3 and (t.source = $4 or (t.outcome <> 'refused'
        and ($5::bool or t.type = 'referral.requested' or t.offer = any($6::uuid[])))) as shown
    from timeline t
    where t.initiative = $1 and t.record = $2
) known
where shown or (outcome <> 'refused' and type = any($7::text[]))
order by record_offset;

-- name: sealed
select source, event::text as event, field, referral::text as referral, offer::text as offer, type, sealed, erased
from sealed_text
where initiative = $1 and record = $2::uuid and (referral is null or referral = $3::uuid)
order by referral nulls first, event, field;

-- name: event
-- The emitter's own event, found by its identity.
select subject, type, happened, recorded, outcome, refusal, detail, copies
from timeline
where initiative = $1 and record = $2 and source = $3 and id = $4::uuid;

-- name: waiting
select exists (
    select from parked where initiative = $1 and record = $2 and source = $3 and id = $4::uuid
) as parked;

-- name: refusals
-- The latest first; the place on the log tells apart what was recorded in one millisecond.
select topic, partition, record_offset, code, detail, recorded, id::text as id, type, record, subject
from refusal
where initiative = $1 and source = $2
and ($3::text is null or code = $3)
and ($4::timestamptz is null or recorded >= $4)
and ($5::timestamptz is null or (recorded, topic, partition, record_offset) < ($5, $6::text, $7::int4, $8::int8))
order by recorded desc, topic desc, partition desc, record_offset desc
limit $9;
