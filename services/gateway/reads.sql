-- What the API reads of the referral projection.  Every statement runs in a snapshot of the served build.

-- name: of_partner
-- What the partner sent, each as all its offers make it; what it alone is asked to do, which the board says too, but
-- for its sender's giving up; and what others are asked as well, or a class, as the partner's own offers make it.
-- Those to classes are its own where it could claim them: $5, each behind its referral, as two may call an offer the
-- same; $4 are their record keys.  `own` is the offer that leads where it is not the board's.
select r.id, r.record, r.state, r.erased, 'sender' as part, null::jsonb as own, r.status, r.detail, r.loop, r.sender,
    r.recipient, r.need, r.area, r.urgency, r.programme, r.reason, r.requested_at, r.sent_at, r.responded_at,
    r.started_at, r.closed_at, r.acknowledged_at, r.respond_by, r.offers,
    (r.state::jsonb ->> 'last')::timestamptz as last
from referral r
where r.initiative = $1 and r.sender = $2 and ($3::text is null or $3 = 'sender')
union all
select r.id, r.record, r.state, r.erased, 'recipient', null,
    case when r.loop = 'open' or r.status = 'completed' or r.erased then r.status else 'in-progress' end, r.detail,
    case when r.status = 'completed' or r.erased then r.loop else 'open' end, r.sender,
    r.recipient, r.need, r.area, r.urgency, r.programme, r.reason, r.requested_at, r.sent_at, r.responded_at,
    r.started_at, r.closed_at, r.acknowledged_at, r.respond_by, r.offers, {last}
from referral r
cross join lateral (select r.state::jsonb -> 'offers' -> 0 as offer) l
where r.initiative = $1 and r.recipient = $2 and r.sender <> $2 and r.offers = 1
    and ($3::text is null or $3 = 'recipient')
union all
select r.id, r.record, r.state, r.erased, l.part, l.offer,
    case when l.speaks then l.offer ->> 'status' when r.erased then 'cancelled' else 'in-progress' end,
    l.offer ->> 'detail',
    case
        when l.offer ->> 'status' = 'completed' then 'closed-served' when r.erased then 'closed-not-served' else 'open'
    end,
    case when l.part = 'recipient' then r.sender end, nullif(l.offer ->> 'recipient', ''), r.need, r.area, r.urgency,
    case when l.part = 'recipient' then r.programme end, l.offer ->> 'reason', r.requested_at,
    (l.offer ->> 'sent')::timestamptz, (l.offer ->> 'responded')::timestamptz, (l.offer ->> 'started')::timestamptz,
    (l.offer ->> 'closed')::timestamptz, (l.offer ->> 'acknowledged')::timestamptz,
    (l.offer ->> 'respond_by')::timestamptz, r.offers, {last}
from (
    select a.record, a.referral
    from asked a
    where a.initiative = $1 and a.partner = $2
    union
    select a.record, a.referral
    from asked a
    where a.initiative = $1 and a.record = any($4::uuid[]) and concat(a.referral, '/', a.offer) = any($5::text[])
) a
join referral r on r.initiative = $1 and r.record = a.record and r.id = a.referral
cross join lateral (
    with recursive replaced (id) as (
        select o.value ->> 'replaces'
        from jsonb_array_elements(r.state::jsonb -> 'offers') o (value)
        where r.offers > 1 and o.value -> 'replaces' is not null and o.value ->> 'status' <> 'entered-in-error'
            and (o.value ->> 'recipient' = $2 or concat(r.id, '/', o.value ->> 'id') = any($5::text[]))
        union
        select o.value ->> 'replaces'
        from replaced e
        join jsonb_array_elements(r.state::jsonb -> 'offers') o (value) on o.value ->> 'id' = e.id
        where o.value -> 'replaces' is not null
    )
    select coalesce(array_agg(e.id), '{{}}') as ids from replaced e
) t
cross join lateral (
    select o.value as offer, p.rank > 1 as speaks,
        case when bool_or(o.value ->> 'recipient' = $2) over () then 'recipient' else 'class-member' end as part
    from jsonb_array_elements(r.state::jsonb -> 'offers') with ordinality o (value, place)
    join (values {ranks}) p (status, rank) on p.status = o.value ->> 'status'
    where o.value ->> 'recipient' = $2 or concat(r.id, '/', o.value ->> 'id') = any($5::text[])
    -- One whose place another of them took speaks no more, whoever else was asked in between.
    order by o.value ->> 'id' = any(t.ids), p.rank desc, o.place desc
    limit 1
) l
where r.sender <> $2 and not (r.offers = 1 and r.recipient is not null)
    and l.offer ->> 'status' <> 'entered-in-error' and ($3::text is null or $3 = l.part)

-- name: last
-- When an offer changed: its sender's drafts and its giving up, which move the referral, are not told to who is asked.
greatest(
    (l.offer ->> 'sent')::timestamptz, (l.offer ->> 'closed')::timestamptz,
    (
        select max(case when t.backfilled then t.happened else t.recorded end)
        from timeline t
        where t.initiative = $1 and t.record = r.record::text and t.subject = r.id::text
            and t.offer = (l.offer ->> 'id')::uuid and t.outcome <> 'refused'
    )
)

-- name: of_coordinator
-- The unprotected ones of people who named the coordinator's partner in a consent; whether that is in force is
-- judged of each.  Every client of the initiative is looked at.
select r.id, r.record, r.state, r.erased, 'coordinator' as part, null::jsonb as own, r.status, r.detail, r.loop,
    r.sender, r.recipient, r.need, r.area, r.urgency, r.programme, r.reason, r.requested_at, r.sent_at, r.responded_at,
    r.started_at, r.closed_at, r.acknowledged_at, r.respond_by, r.offers,
    (r.state::jsonb ->> 'last')::timestamptz as last
from client c
join referral r on r.initiative = $1 and r.record = c.record
where c.initiative = $1 and $3::text is null and not r.protected and not c.erased
-- A coordinator claims nothing.
and $4::uuid[] is not null and $5::text[] is not null
and c.state::jsonb @> jsonb_build_object(
    'consents', jsonb_build_array(jsonb_build_object('partners', jsonb_build_array($2::text)))
)

-- name: lead
-- The offer that `status` and `detail` of what is found speak of, while it is open.
coalesce(f.own, (
    select o.value
    from jsonb_array_elements(f.state::jsonb -> 'offers') with ordinality o (value, place)
    where o.value ->> 'status' = f.status
    order by o.place desc
    limit 1
))

-- name: mine
-- It is the caller's to do.
(f.part in ('recipient', 'class-member') or f.recipient is not distinct from $2)

-- name: asked
-- An answer is awaited: to an offer, or to the wish to cancel what was accepted.
(f.loop = 'open' and (f.status = 'requested' or f.detail is not distinct from 'cancel-requested'))

-- name: taken
-- Somebody is at work for it, or it was arranged outside and its sender has not heard how it ended.
(f.loop in ('open', 'handed-off') and f.status in ('accepted', 'on-hold', 'in-progress') and f.closed_at is null
    and f.detail is distinct from 'cancel-requested')

-- name: due
-- By when the next step is to be taken; null where nobody said.
case
    when f.status = 'requested' then f.respond_by
    -- When the clock answers the wish to cancel it.
    when f.detail = 'cancel-requested' then ({lead} ->> 'confirm_by')::timestamptz
    when f.status not in ('accepted', 'on-hold') or f.started_at is not null then null
    else ({lead} ->> 'start_by')::timestamptz
end

-- name: first
-- By when the first of the next steps is to be taken that a sender of several offers waits for, whichever leads.
case
    when f.part <> 'sender' or f.offers < 2 or f.loop <> 'open' then {due}
    else (
        select min((case
            when o.value ->> 'status' = 'requested' then o.value ->> 'respond_by'
            when o.value ->> 'detail' = 'cancel-requested' then o.value ->> 'confirm_by'
            when o.value ->> 'status' in ('accepted', 'on-hold') and o.value -> 'started' is null
                then o.value ->> 'start_by'
        end)::timestamptz)
        from jsonb_array_elements(f.state::jsonb -> 'offers') o (value)
    )
end

-- name: missed
-- The caller did not answer in time, the offer or the wish to cancel it, and still may: nobody was asked in its place,
-- its sender did not give up what nobody answered, and it is not long ago.  What a class was asked is found for that
-- long alone.  What took an offer's place is judged as by `replaced_by`: one in error took none, and what took the place
-- of another stands for whatever that one had replaced.
(f.part in ('recipient', 'class-member') and f.loop = 'open'
    and f.detail in ('expired-no-response', 'cancel-unanswered')
    and (f.part = 'class-member'
        or case f.detail when 'cancel-unanswered' then f.closed_at else f.respond_by end > {now} - interval '30 days')
    and (f.detail = 'cancel-unanswered' or f.state::jsonb -> 'closed' is null)
    and not exists (
        with recursive replaced (id) as (
            select o.value ->> 'replaces'
            from jsonb_array_elements(f.state::jsonb -> 'offers') o (value)
            where f.own is not null and o.value -> 'replaces' is not null
                and o.value ->> 'status' <> 'entered-in-error'
            union
            select o.value ->> 'replaces'
            from replaced e
            join jsonb_array_elements(f.state::jsonb -> 'offers') o (value) on o.value ->> 'id' = e.id
            where o.value -> 'replaces' is not null
        )
        select from replaced e where e.id = f.own ->> 'id'
    ))

-- name: late
-- It is past its time; of what a partner sent, any open offer is.
(f.loop = 'open' and coalesce({first} < {now}, false) or {missed})

-- name: again
-- Every offer ended and nobody gave up: it is the sender's turn.
(f.sender = $2 and f.loop = 'open' and f.status = 'in-progress' and f.closed_at is not null)

-- name: unseen
-- Since when a sender could have said that it saw an outcome and did not, whatever came of its other offers.  Where
-- there is one offer alone its columns tell whether to look into the state.
case
    when f.sender = $2 and not f.erased
        and (f.offers > 1 or (f.closed_at is not null and f.acknowledged_at is null))
    then (
        select min((o.value ->> 'closed')::timestamptz)
        from jsonb_array_elements(f.state::jsonb -> 'offers') o (value)
        where o.value ->> 'status' in ('completed', 'failed') and o.value -> 'acknowledged' is null
    )
end

-- name: asked_of_classes
-- What is asked of any of these classes and nobody has claimed, and was to be answered after $3; whether the caller
-- could claim it is judged of each.
select a.record::text as record, a.referral::text as referral, a.offer::text as offer, r.state, c.state as client
from asked a
join referral r on r.initiative = $1 and r.record = a.record and r.id = a.referral
join client c on c.initiative = $1 and c.record = a.record and c.id = a.record
where a.initiative = $1 and a.to_class = any($2::text[]) and a.respond_by > $3;

-- name: page
-- Those that are found, narrowed; `key` is what the page goes by.
with found as (
    {found}
),
page as (
    select f.id, f.record, f.state, {key} as key
    from found f
    -- Whose client it is that a class is asked to help is nobody's to learn before the claim.
    where ($6::uuid is null or (f.record = $6 and f.part <> 'class-member'))
    and ($7::uuid is null or f.id = $7)
    and ($8::text[] is null or f.status = any($8))
    and ($9::text is null or f.detail = $9)
    and ($10::text is null or f.loop = $10)
    and ($11::text is null or f.sender = $11)
    and ($12::text is null or f.recipient = $12)
    and ($13::text is null or f.need = $13)
    and ($14::text is null or f.area = $14)
    and ($15::text is null or f.urgency = $15)
    and ($16::text is null or f.programme = $16)
    and ($17::text is null or f.reason = $17)
    and ($18::bool is null
        or $18 = (f.loop = 'open' and f.responded_at is null and coalesce(f.respond_by < $19::timestamptz, false)))
    and ($20::timestamptz is null or (f.loop = 'open' and f.responded_at is null and f.respond_by < $20))
    and ($21::timestamptz is null or f.requested_at >= $21)
    and ($22::timestamptz is null or f.requested_at < $22)
    and ($23::timestamptz is null or f.last >= $23)
    and case $24::text
        when 'needs-my-answer' then {asked} and {mine}
        when 'in-hand' then {taken} and {mine}
        when 'waiting' then ({asked} or {taken}) and f.part = 'sender' and not {mine}
        when 'overdue' then {late}
        when 'offer-again' then {again}
        when 'unacknowledged' then {unseen} is not null
        else true
    end
    and ($25::timestamptz is null or ({key}, f.id) {beyond} ($25, $26::uuid))
    order by {key} {way}, f.id {way}
    limit $27
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

-- name: recorders
-- Who recorded each of the client's consents, in the order in which its state lists them.
select source from timeline
where initiative = $1 and record = $2 and type = 'consent.granted' and outcome <> 'refused'
order by record_offset;

-- name: timeline
-- What the caller said itself, and of what others said and was applied as much as it may know: all of it ($5), or
-- the opening and what is about its own offers ($6).  With $9, as much as was recorded by then.  Others' words are
-- left out unless it may hear them ($10).
select type, happened, recorded, source, id::text as id, actor::text as actor, offer::text as offer, outcome, refusal,
    detail, backfilled, copies, record_offset, since, words
from (
    select t.*, case when $10::bool or t.source = $4 then s.words end as words, happened - max(happened) filter (where outcome <> 'refused') over (
        order by record_offset rows between unbounded preceding and 1 preceding
    ) as since
    from timeline t
    left join said s on s.initiative = $1 and s.record = $2::text::uuid and s.source = t.source and s.event = t.id
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
-- what may have ended them ($7), without whose it is.  Others' words are left out unless it may hear them ($8).
select record_offset, type, happened, recorded, case when shown then offer::text end as offer,
    case when shown then detail end as detail, outcome <> 'refused' as applied,
    case when shown and ($8::bool or source = $4) then words end as words
from (
    select t.*, s.words, t.subject = $3 and (t.source = $4 or (t.outcome <> 'refused'
        and ($5::bool or t.type = 'referral.requested' or t.offer = any($6::uuid[])))) as shown
    from timeline t
    left join said s on s.initiative = $1 and s.record = $2::text::uuid and s.source = t.source and s.event = t.id
    where t.initiative = $1 and t.record = $2
) known
where shown or (outcome <> 'refused' and type = any($7::text[]))
order by record_offset;

-- name: said
-- What was said with events about these referrals ($2, each under its record key in $3), the oldest first.
select s.referral::text as referral, s.offer::text as offer, s.type, s.source, s.words, t.happened
from said s
join timeline t on t.initiative = $1 and t.record = s.record::text and t.source = s.source and t.id = s.event
where s.initiative = $1 and s.record = any($3::uuid[]) and s.referral = any($2::uuid[]) and s.words is not null
order by t.partition, t.record_offset;

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
