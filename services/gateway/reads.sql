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
    where ($4::text is null or f.status = $4)
    and ($5::text is null or f.detail = $5)
    and ($6::text is null or f.loop = $6)
    and ($7::text is null or f.sender = $7)
    and ($8::text is null or f.recipient = $8)
    and ($9::text is null or f.need = $9)
    and ($10::text is null or f.area = $10)
    and ($11::text is null or f.urgency = $11)
    and ($12::text is null or f.programme = $12)
    and ($13::bool is null
        or $13 = (f.loop = 'open' and f.responded_at is null and coalesce(f.respond_by < $14::timestamptz, false)))
    and ($15::timestamptz is null or f.requested_at >= $15)
    and ($16::timestamptz is null or f.requested_at < $16)
    and ($17::timestamptz is null or (f.state::jsonb ->> 'last')::timestamptz >= $17)
    and ($18::timestamptz is null or ({key}, f.id) {beyond} ($18, $19::uuid))
    order by {key} {way}, f.id {way}
    limit $20
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

-- name: timeline
-- What the caller said itself, and of what others said and was applied as much as it may know: all of it ($5), or
-- the opening and what is about its own offers ($6).
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
) visible
where record_offset > $7::int8
order by record_offset
limit $8;

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
