-- Loop figures counted a second time, from the raw records and nothing else but which of them were applied.
-- Nothing here is taken from projections/: every fact is found again by looking at all events about an offer.

-- name: raw
create table raw (partition int4, place int8, stamped timestamptz, said jsonb);

-- name: asked
-- When the figures are of, and how many days make them mature.
create temporary table asked (at timestamptz, days int4);

-- name: event
create temporary table event as
with clocked as (
    select partition, place, said, max(stamped) over (partition by partition order by place) as recorded from raw
)
select c.place, c.recorded, said ->> 'partitionkey' as person, said ->> 'subject' as need, said ->> 'source' as source,
    split_part(said ->> 'type', '.', 3) || '.' || split_part(said ->> 'type', '.', 4) as kind,
    (said ->> 'time')::timestamptz as at, said -> 'data' as data, said -> 'data' ->> 'offer_id' as offer
from clocked c
join timeline t on t.record = said ->> 'partitionkey' and t.source = said ->> 'source' and t.id = (said ->> 'id')::uuid
    and t.record_offset = c.place
where t.outcome = 'applied' and c.recorded <= (select asked.at from asked);
create index on event (person);
create index on event (offer);
analyze event;

-- name: turn
-- What opens an offer or ends it.
create temporary table turn as
select offer, place, at, kind, data, source, kind in (
    'referral.offer_sent', 'referral.offer_accepted', 'referral.offer_claimed'
) as opens
from event
where kind in (
    'referral.offer_sent', 'referral.offer_accepted', 'referral.offer_claimed', 'referral.offer_declined',
    'referral.offer_recalled', 'referral.offer_expired', 'referral.outcome_recorded', 'referral.outcome_corrected',
    'referral.cancel_confirmed', 'referral.withdrawn', 'referral.entered_in_error'
);
create index on turn (offer, place);
analyze turn;

-- name: offer
-- An offer ends by what is said of it, or with the consent or the person, whichever comes while it is open.
create temporary table offer as
with sent as (
    select e.person, e.need, e.offer, e.place, e.at, e.data, r.source as opened_by, r.data as wanted
    from event e join event r on r.need = e.need and r.kind = 'referral.requested'
    where e.kind = 'referral.offer_sent'
), stops as (
    select person, place, at, kind, data ->> 'consent_id' as consent, data -> 'recipients' -> 'partners' as kept
    from event
    where kind in ('consent.revoked', 'consent.entered_in_error', 'consent.narrowed', 'client.erased')
    union all
    select e.person, e.place, e.at, 'stopped', s.data ->> 'consent_id', null
    from event e join sent s on s.offer = e.offer
    where e.kind = 'referral.client_answered' and (e.data ->> 'stop_sharing')::bool
), stopped as (
    select distinct on (s.offer) s.offer, p.place, p.at,
        case p.kind when 'client.erased' then 'client-erased' else 'consent-revoked' end as as_what
    from sent s
    join stops p on p.person = s.person and p.place > s.place
    where (p.kind = 'client.erased' or p.consent = s.data ->> 'consent_id')
    and (select opens from turn t where t.offer = s.offer and t.place < p.place order by t.place desc limit 1)
    and (p.kind <> 'consent.narrowed' or not p.kept ? coalesce(
        s.data ->> 'recipient',
        (
            select split_part(source, ':', 4) from turn t
            where t.offer = s.offer and t.kind = 'referral.offer_claimed' and t.place < p.place
        ),
        p.kept ->> 0
    ))
    order by s.offer, p.place
), ends as (
    select offer, place, at, kind in ('referral.offer_sent', 'referral.offer_expired') as waits, case kind
        when 'referral.offer_sent' then null
        when 'referral.offer_accepted' then null
        when 'referral.offer_claimed' then null
        when 'referral.offer_declined' then 'declined'
        when 'referral.offer_recalled' then 'recalled'
        when 'referral.offer_expired' then 'expired-no-response'
        when 'referral.cancel_confirmed'
            then case when source like '%:system:%' then 'cancel-unanswered' else 'cancel-confirmed' end
        when 'referral.entered_in_error' then 'in-error'
        when 'referral.withdrawn' then case
            when source not like '%:system:%' then 'withdrawn'
            when data ->> 'reason' in ('sender-left', 'sender-suspended') then case
                -- Nobody had answered in time, and nobody waits any more: the silence is what figures count.
                when exists (
                    select from turn x
                    where x.offer = turn.offer and x.place < turn.place and x.kind = 'referral.offer_expired'
                ) then 'expired-no-response'
                else 'sender-left'
            end
            when data ->> 'reason' = 'consent-expired' then 'consent-expired'
            else 'recipient-left'
        end
        else (array['served', 'partly-served', 'not-served'])[
            array_position(array['delivered', 'partly', 'not-delivered'], data ->> 'outcome')
        ]
    end as as_what, data ->> 'reason' as reason
    from turn
    union all
    select offer, place, at, false, as_what, null from stopped
), ended as (
    select distinct on (offer) * from ends order by offer, place desc
)
select s.person, s.need, s.offer, s.place, s.at as sent,
    date_trunc('month', s.at at time zone 'UTC')::date as month,
    split_part(s.opened_by, ':', 4) as sender,
    coalesce(split_part(c.source, ':', 4), s.data ->> 'recipient') as recipient,
    coalesce(c.data ->> 'service_id', s.data ->> 'service_id') as service,
    s.wanted -> 'need' ->> 'code' as code, s.wanted ->> 'area' as area,
    case when c.offer is null then s.data -> 'admitted' ->> 'programme_class'
    else c.data -> 'admitted' ->> 'programme_class' end as programme_class,
    coalesce((s.data -> 'admitted' ->> 'protected')::bool, false) as protected,
    s.wanted -> 'admitted' ? 'backfill' and s.wanted -> 'admitted' ->> 'backfill' is not null as backfilled,
    (
        select at from event e where e.offer = s.offer
        and e.kind in ('referral.offer_accepted', 'referral.offer_claimed', 'referral.offer_declined')
        order by e.place limit 1
    ) as responded,
    (
        select at from event e where e.offer = s.offer
        and e.kind in ('referral.offer_accepted', 'referral.offer_claimed')
        order by e.place desc limit 1
    ) as accepted,
    (
        select at from event e where e.offer = s.offer and e.kind in ('referral.service_started', 'referral.resumed')
        order by e.place limit 1
    ) as started,
    x.as_what, x.reason, x.place as ended_place,
    case when x.as_what like '%served' then (
        select at from event e where e.offer = s.offer and e.kind = 'referral.outcome_recorded'
        order by e.place desc limit 1
    ) when x.as_what is not null then x.at end as ended,
    exists (select from event e where e.offer = s.offer and e.kind = 'referral.outcome_reported_by_sender') as heard,
    exists (
        select from event e where e.offer = s.offer and e.kind = 'referral.outcome_acknowledged'
        and not exists (
            select from event undone where undone.offer = s.offer and undone.place > e.place and (
                undone.kind in (
                    'referral.outcome_recorded', 'referral.outcome_corrected', 'referral.offer_accepted',
                    'referral.offer_claimed'
                )
                -- The person says of a service that the need was not met.
                or undone.kind = 'referral.client_answered' and undone.data ->> 'need_met' = 'no' and (
                    select t.data ->> 'outcome' in ('delivered', 'partly') from turn t
                    where t.offer = s.offer and t.place < undone.place order by t.place desc limit 1
                )
            )
        )
    ) as seen,
    -- Whoever was asked before anybody answered, were it late, could say nothing of it.
    exists (
        select from event e where e.offer = s.offer and e.kind in ('referral.client_asked', 'referral.client_answered')
        and not (select n.waits from ends n where n.offer = e.offer and n.place < e.place order by n.place desc limit 1)
    ) as asked,
    a.data ->> 'need_met' as need_met, a.source like 'urn:manyhands:partner:%' as passed_on, a.place as answered_place
from sent s
left join event c on c.offer = s.offer and c.kind = 'referral.offer_claimed'
left join ended x on x.offer = s.offer
left join lateral (
    select * from event e where e.offer = s.offer and e.kind = 'referral.client_answered'
    and not (select n.waits from ends n where n.offer = e.offer and n.place < e.place order by n.place desc limit 1)
    order by e.place desc limit 1
) a on true;

-- name: made
create temporary table made as select * from offer where as_what is distinct from 'in-error';
create index on made (need);
create index on event (need);
analyze made;

-- name: gone
-- Offers whose place was taken: named by one that was meant, or by one that such a one names, and so on.
create temporary table gone as
with recursive names as (
    select offer, data ->> 'replaces' as other from event
    where kind = 'referral.offer_sent' and data ->> 'replaces' is not null
), up as (
    select n.other from names n join made m on m.offer = n.offer
    union
    select n.other from up join names n on n.offer = up.other
)
select other as offer from up;

-- name: need
create temporary table need as
with meant as (
    select m.*, m.offer not in (select offer from gone) as counts from made m
), first as (
    select distinct on (need) need, month from made order by need, place
), known as (
    select m.person, m.need, f.month, max(sender) as sender, max(code) as code, max(area) as area,
        bool_or(protected) as protected, bool_or(backfilled) as backfilled, count(*) as hops, min(sent) as sent,
        min(responded) as responded, min(accepted) as accepted, min(started) as started,
        count(*) filter (where as_what is null) as going_on,
        count(*) filter (where as_what <> 'expired-no-response') as known_ends,
        count(*) filter (where counts and as_what in ('served', 'partly-served')) as helped,
        count(*) filter (where counts and as_what = 'served') as helped_fully,
        min(ended) filter (where counts and as_what in ('served', 'partly-served')) as helped_at,
        bool_or(counts and heard) as heard, bool_or(asked) as asked
    from meant m join first f using (need)
    group by m.person, m.need, f.month
)
select k.*, g.at as given_up, e.at as erased,
    (
        select seen from meant m where m.need = k.need and m.counts and m.as_what is not null
        order by m.as_what in ('served', 'partly-served') desc, m.ended_place desc limit 1
    ) as seen,
    (
        select as_what = 'not-served' from meant m where m.need = k.need and m.counts and m.as_what is not null
        order by m.ended_place desc limit 1
    ) as failed,
    l.need_met, l.passed_on
from known k
left join lateral (
    select need_met, passed_on from made m where m.need = k.need and need_met is not null
    order by answered_place desc limit 1
) l on true
left join lateral (
    select c.at from event c where c.need = k.need and c.kind = 'referral.closed'
    and not exists (select from event s where s.need = k.need and s.kind = 'referral.offer_sent' and s.place > c.place)
    order by c.place desc limit 1
) g on true
left join event e on e.person = k.person and e.kind = 'client.erased';

-- name: line_of_offers
create temporary table line as
select month, sender, recipient, service, code as need, area, programme_class, backfilled, sent, responded, accepted,
    started, case when as_what <> 'expired-no-response' then ended end as ended,
    coalesce(as_what <> 'expired-no-response', false) as closed,
    coalesce(as_what = 'expired-no-response', false) as unanswered,
    as_what is null as open, coalesce(as_what in ('served', 'partly-served'), false) as helped,
    coalesce(as_what = 'partly-served', false) as partly, heard, seen,
    as_what is not null and not array[as_what] && array['expired-no-response', 'recalled', 'sender-left', 'client-erased'] as told, asked, need_met, passed_on, 1::int8 as hops,
    as_what, reason
from offer
where as_what is distinct from 'in-error';

-- name: line_of_needs
create temporary table line as
with judged as (
    select *, case
        when helped > 0 then 'helped'
        when going_on = 0 and given_up is not null and known_ends = 0 then 'unanswered'
        when going_on = 0 and given_up is not null then 'given up'
        when erased is not null then 'erased'
        else 'open'
    end as how
    from need
)
select month, sender, null::text as recipient, null::text as service, code as need, area, null::text as programme_class,
    backfilled, sent, responded, accepted, started,
    case how when 'helped' then helped_at when 'given up' then given_up when 'erased' then erased end as ended,
    how in ('helped', 'given up', 'erased') as closed, how = 'unanswered' as unanswered, how = 'open' as open,
    how = 'helped' as helped, helped > 0 and helped_fully = 0 as partly, heard, coalesce(seen, false) as seen,
    how = 'helped' or how = 'given up' and coalesce(failed, false) as told, asked,
    need_met, passed_on, hops, null::text as as_what, null::text as reason
from judged;

-- name: counts
-- Lines of a cut, named by {by}; percentiles by counting off the sorted values.
with aged as (
    select *, row({by})::text as cut, sent + days * interval '24 hours' <= at as mature,
        case when responded >= sent then trunc(extract(epoch from responded - sent)) end as w1,
        case when accepted >= sent then trunc(extract(epoch from accepted - sent)) end as w2,
        case when started >= sent then trunc(extract(epoch from started - sent)) end as w3,
        case when ended >= sent then trunc(extract(epoch from ended - sent)) end as w4,
        case when open and at >= sent then trunc(extract(epoch from at - sent)) end as w5, hops::numeric as w6
    from (select *, 'all' as whole from line) as line, asked as now (at, days)
), sorted as (
    select cut, which, w, row_number() over (partition by cut, which order by w) as n,
        count(*) over (partition by cut, which) as total
    from aged, lateral (values (1, w1), (2, w2), (3, w3), (4, w4), (5, w5), (6, w6)) as v (which, w)
    where w is not null
), spread as (
    select cut, which, max(total) as total, min(w) filter (where n >= total * 0.5)::int8 as half,
        min(w) filter (where n >= total * 0.9)::int8 as most_of, max(w)::int8 as most
    from sorted
    group by cut, which
), spreads as (
    select cut, json_object_agg(which, json_build_array(total, half, most_of, most)) as spreads from spread group by cut
), counted as (
    select {by}, cut, count(*) as sent, sum(backfilled::int) as backfilled, sum((not mature)::int) as immature,
        sum((closed or heard)::int) as disposed, sum(closed::int) as closed,
        sum((heard and not closed)::int) as heard, sum(unanswered::int) as unanswered,
        sum((mature and not closed and not heard)::int) as unknown,
        sum((not mature and not closed and not heard)::int) as pending, sum(helped::int) as served,
        sum(partly::int) as partly, sum(told::int) as told, sum((told and seen)::int) as acknowledged, sum(asked::int) as asked,
        sum(coalesce(need_met = 'yes' and not passed_on, false)::int) as confirmed,
        sum(coalesce(need_met = 'yes' and passed_on, false)::int) as relayed, sum(open::int) as open
    from aged
    group by {by}, cut
)
select * from counted join spreads using (cut);

-- name: declined
with together as (
    select month, sender, need, recipient, service, area, count(*) as sent
    from line
    group by month, sender, need, recipient, service, area
), refused as (
    select month, sender, need, recipient, service, area, reason, count(*) as declined
    from line
    where as_what = 'declined'
    group by month, sender, need, recipient, service, area, reason
)
select r.*, t.sent
from refused r
join together t on row(r.month, r.sender, r.need, r.recipient, r.service, r.area)::text
    = row(t.month, t.sender, t.need, t.recipient, t.service, t.area)::text;

-- name: outside
select date_trunc('month', h.at at time zone 'UTC')::date as month, split_part(h.source, ':', 4) as sender,
    h.data -> 'need' ->> 'code' as need, h.data ->> 'area' as area, count(*) as handed_off, count(r.outcome) as heard,
    count(*) filter (where r.outcome = 'delivered') as delivered,
    count(*) filter (where r.outcome = 'partly') as partly,
    count(*) filter (where r.outcome = 'not-delivered') as not_delivered,
    count(*) filter (where h.data -> 'admitted' ->> 'backfill' is not null) as backfilled
from event h
left join lateral (
    select e.data ->> 'outcome' as outcome from event e
    where e.need = h.need and e.kind = 'referral.outcome_reported_by_sender' order by e.place desc limit 1
) r on true
where h.kind = 'referral.handoff_reported'
group by 1, 2, 3, 4;
