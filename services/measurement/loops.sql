-- Figures of loops: `said_of_…`, `offers`, `unit_of_…` and `counted` make one statement with what is asked of it.
-- $1 initiative, $2 and $3 first and last month, $4 the instant that the figure is of, $5 maturity in days,
-- $6 the one partner whose own loops count or null, $7 partners that are shown as protected or null where nothing is
-- hidden, $8 what it is cut by, $9 to $14 what it is narrowed to, each null or a value ('' where there is none).

-- name: said_of_offers
-- Of each mark the last that was recorded by then, for the offers of these months.  Most were sent in the month of
-- their need's first one; the others are few.
with said as (
    select distinct on (referral, offer, mark) *
    from (
        select * from loop
        where initiative = $1 and need_month between $2 and $3 and month between $2 and $3
        union all
        select * from loop
        where initiative = $1 and month <> need_month and month between $2 and $3 and need_month not between $2 and $3
    ) as cohort
    where recorded <= $4
    order by referral, offer, mark, record_offset desc, number desc
)

-- name: said_of_needs
-- The same for needs whose first offer was sent in these months, with all their offers; and for those that moved here
-- as an offer before was an error; all of their marks stand by the month of that one, and are found by the person.
with moved as materialized (
    select distinct record, referral
    from loop
    where initiative = $1 and month <> need_month and month between $2 and $3 and need_month not between $2 and $3
    and mark = 'moved' and recorded <= $4
), said as (
    select distinct on (referral, offer, mark) *
    from (
        select * from loop
        where initiative = $1 and need_month between $2 and $3
        union all
        select * from loop
        where initiative = $1 and record = any(array(select record from moved))
        and referral = any(array(select referral from moved))
    ) as cohort
    where recorded <= $4
    order by referral, offer, mark, record_offset desc, number desc
)

-- name: offers
-- Each offer in one row; those entered in error were never made.
, told as (
    select record, referral, offer as id, min(need_month) as need_month, min(month) as month,
        max(happened) filter (where mark = 'sent') as sent,
        max(sender) filter (where mark = 'sent') as sender,
        max(need) filter (where mark = 'sent') as need,
        max(area) filter (where mark = 'sent') as area,
        coalesce(
            max(recipient) filter (where mark = 'claimed'), max(recipient) filter (where mark = 'sent')
        ) as recipient,
        coalesce(
            max(service::text) filter (where mark = 'claimed'), max(service::text) filter (where mark = 'sent')
        ) as service,
        coalesce(
            max(programme_class) filter (where mark = 'claimed'), max(programme_class) filter (where mark = 'sent')
        ) as programme_class,
        bool_or(protected) as protected, bool_or(backfilled) as backfilled,
        max(happened) filter (where mark = 'responded') as responded,
        max(happened) filter (where mark = 'accepted') as accepted,
        max(happened) filter (where mark = 'started') as started,
        max(happened) filter (where mark = 'ended') as ended,
        max(value) filter (where mark = 'ended') as ended_as,
        max(detail) filter (where mark = 'ended') as reason,
        max(record_offset) filter (where mark = 'ended') as ended_at,
        coalesce(bool_or(mark = 'heard' and happened is not null), false) as heard,
        coalesce(bool_or(mark = 'acknowledged' and happened is not null), false) as acknowledged,
        coalesce(bool_or(mark = 'asked' and happened is not null), false) as asked,
        max(value || ' ' || detail) filter (where mark = 'answered') as answer,
        max(record_offset) filter (where mark = 'answered') as answered_at,
        not coalesce(bool_or(mark = 'replaced' and happened is not null), false) as speaks
    from said
    where offer is not null
    group by record, referral, offer
), offer as (
    select *, coalesce(ended_as in ('served', 'partly-served'), false) as served,
        ended_as is not distinct from 'expired-no-response' as expired
    from told
    where sent is not null and ended_as is distinct from 'in-error'
)

-- name: unit_of_offers
-- What its sender took back itself, and what ended as the person was erased, is no outcome that it could say it saw.
, unit as (
    select record, referral, id as offer, month, sender, recipient, service, need, area, programme_class, protected,
        backfilled, sent, responded, accepted, started, ended_as, reason, 1::int8 as hops,
        case when not expired then ended end as closed_at,
        ended_as is not null and not expired as closed, expired, ended_as is null as open,
        served, ended_as is not distinct from 'partly-served' as partly, heard, acknowledged, asked, answer,
        ended_as is not null and not expired and ended_as not in ('recalled', 'sender-left', 'client-erased') as told,
        false as by_erasure
    from offer
)

-- name: unit_of_needs
-- A need counts once, whatever it took: it is served when an offer was whose place no other took, and closed otherwise
-- when its sender gave it up after somebody answered, or the person was erased.  Who saw the outcome saw that of the
-- offer it ended with, where that has one: whoever gave up knows of everything else.  What was heard of an offer is no
-- word about the one in its place.
, need as (
    select record, referral, min(need_month) as first_month, min(sender) as sender, min(need) as need, min(area) as area,
        bool_or(protected) as protected, bool_or(backfilled) as backfilled, count(*) as hops,
        min(sent) as sent, min(responded) as responded, min(accepted) as accepted, min(started) as started,
        bool_or(served and speaks) as served, bool_or(ended_as is null) as at_work, bool_and(expired) as expired,
        coalesce(bool_and(ended_as = 'partly-served') filter (where served and speaks), false) as partly,
        min(ended) filter (where served and speaks) as served_at, bool_or(heard and speaks) as heard,
        bool_or(asked) as asked,
        coalesce(
            (array_agg(acknowledged order by ended_at desc) filter (where served and speaks))[1],
            (array_agg(acknowledged order by ended_at desc) filter (where ended_as is not null and speaks))[1], false
        ) as acknowledged,
        (array_agg(ended_as order by ended_at desc) filter (where ended_as is not null and speaks))[1] as last_end,
        (array_agg(answer order by answered_at desc) filter (where answer is not null))[1] as answer
    from offer
    group by record, referral
), ending as materialized (
    select need.*, coalesce(moved.month, need.first_month) as month, given_up.happened as given_up_at,
        (
            select happened from loop
            where initiative = $1 and loop.record = need.record and mark = 'erased' and recorded <= $4
        ) as erased_at
    from need
    left join said as given_up on given_up.referral = need.referral and given_up.mark = 'given-up'
    left join said as moved on moved.referral = need.referral and moved.mark = 'moved'
), standing as (
    select *, case
        when served then served_at
        when not at_work and given_up_at is not null then case when not expired then given_up_at end
        else erased_at
    end as closed_at, not served and not at_work and given_up_at is not null and expired as unanswered,
        not served and (at_work or given_up_at is null) and erased_at is not null as by_erasure
    from ending
), unit as (
    select record, referral, null::uuid as offer, month, sender, null as recipient, null as service, need, area,
        null as programme_class, protected, backfilled, sent, responded, accepted, started, null as ended_as,
        null as reason, hops, closed_at, closed_at is not null as closed, unanswered as expired,
        closed_at is null and not unanswered as open, served, partly, heard, acknowledged, asked, answer,
        closed_at is not null and not by_erasure and (served or coalesce(last_end = 'not-served', false)) as told,
        by_erasure
    from standing
    where month between $2 and $3
)

-- name: counted
-- What the caller may know of, as they may know it: outside of the two participants protected partners and needs have
-- no name, and nothing is narrowed by what is hidden.
, seen as (
    select *, $7::text[] is not null and (
        protected or sender = any($7) or coalesce(recipient = any($7), false)
    ) as hidden, sent + make_interval(hours => 24 * $5::int4) <= $4::timestamptz as mature
    from unit
    where $6::text is null or sender = $6 or recipient = $6
), shown as (
    select record, referral, offer, month, backfilled, sent, responded, accepted, started, ended_as, reason, hops,
        closed_at, closed, expired, open, served, partly, heard, told, acknowledged, asked, answer, by_erasure, hidden,
        mature,
        case when hidden and sender = any($7) then 'protected-partner' else sender end as sender,
        case when hidden and recipient is not null then 'protected-partner' else recipient end as recipient,
        case when hidden and service is not null then 'protected' else service end as service,
        case when hidden then 'protected-need' else need end as need,
        case when hidden then 'protected' else area end as area,
        case when hidden and programme_class is not null then 'protected' else programme_class end as programme_class
    from seen
), counted as (
    select * from shown
    where ($9::text is null or sender = $9)
    and ($10::text is null or coalesce(recipient, '') = $10)
    and ($11::text is null or coalesce(service, '') = $11)
    and ($12::text is null or need = $12)
    and ($13::text is null or coalesce(area, '') = $13)
    and ($14::text is null or coalesce(programme_class, '') = $14)
)

-- name: figures
-- Percentiles are values that were measured (percentile_disc); a time before the sending is no duration.
, spans as (
    select *,
        case when responded >= sent then floor(extract(epoch from responded - sent))::int8 end as to_response,
        case when accepted >= sent then floor(extract(epoch from accepted - sent))::int8 end as to_acceptance,
        case when started >= sent then floor(extract(epoch from started - sent))::int8 end as to_start,
        case when closed_at >= sent then floor(extract(epoch from closed_at - sent))::int8 end as to_closure,
        case when open and $4 >= sent then floor(extract(epoch from $4 - sent))::int8 end as age
    from counted
), lines as (
    select
        case when 'month' = any($8::text[]) then month end as month,
        case when 'sender' = any($8) then sender end as sender,
        case when 'recipient' = any($8) then recipient end as recipient,
        case when 'service' = any($8) then service end as service,
        case when 'need' = any($8) then need end as need,
        case when 'area' = any($8) then area end as area,
        case when 'programme_class' = any($8) then programme_class end as programme_class,
        count(*) as sent, count(*) filter (where backfilled) as backfilled,
        count(*) filter (where not mature) as immature,
        count(*) filter (where closed or heard) as disposed, count(*) filter (where closed) as closed,
        count(*) filter (where heard and not closed) as heard, count(*) filter (where expired) as unanswered,
        count(*) filter (where mature and not (closed or heard)) as unknown,
        count(*) filter (where not mature and not (closed or heard)) as pending,
        count(*) filter (where served) as served, count(*) filter (where partly) as partly,
        count(*) filter (where told) as told, count(*) filter (where told and acknowledged) as acknowledged,
        count(*) filter (where asked) as asked,
        count(*) filter (where answer = 'yes own') as confirmed,
        count(*) filter (where answer = 'yes relayed') as relayed,
        count(*) filter (where open) as open, sum(hops)::int8 as offers,
        percentile_disc(array[0.5, 0.9]) within group (order by hops) as hops, max(hops) as hops_most,
        count(to_response) as responses,
        percentile_disc(array[0.5, 0.9]) within group (order by to_response) as response,
        count(to_acceptance) as acceptances,
        percentile_disc(array[0.5, 0.9]) within group (order by to_acceptance) as acceptance,
        count(to_start) as starts, percentile_disc(array[0.5, 0.9]) within group (order by to_start) as start,
        count(to_closure) as closures, percentile_disc(array[0.5, 0.9]) within group (order by to_closure) as closure,
        percentile_disc(array[0.5, 0.9]) within group (order by age) as age, max(age) as oldest
    from spans
    group by 1, 2, 3, 4, 5, 6, 7
)
select * from lines
order by month, sender collate "C", recipient collate "C", service collate "C", need collate "C", area collate "C",
    programme_class collate "C";

-- name: declines
-- The supply gap: why offers for a service in an area were declined, beside how many were sent there.
, placed as (
    select case when 'month' = any($8::text[]) then month end as month,
        case when 'sender' = any($8) then sender end as sender, case when 'need' = any($8) then need end as need,
        recipient, service, area, ended_as, reason
    from counted
)
select month, sender, need, recipient, service, area, reason, count(*) as declined, min(sent)::int8 as sent
from (
    select *, count(*) over (partition by month, sender, need, recipient, service, area) as sent from placed
) as beside
where ended_as = 'declined'
group by month, sender, need, recipient, service, area, reason
order by month, sender collate "C", need collate "C", recipient collate "C", service collate "C", area collate "C",
    reason collate "C";

-- name: outside
-- What was arranged outside, in the months it was told of, and what its sender heard of it: counted in no rate.
with said as (
    select distinct on (referral, mark) *
    from loop
    where initiative = $1 and need_month between $2 and $3 and recorded <= $4
    and mark in ('handed-off', 'heard-outside')
    order by referral, mark, record_offset desc, number desc
), whole as (
    select referral, min(need_month) as month, max(sender) as sender, max(need) as need, max(area) as area,
        max(value) filter (where mark = 'heard-outside') as heard, bool_or(backfilled) as backfilled
    from said
    group by referral
), shown as (
    select month, area, heard, backfilled,
        case when sender = any($6::text[]) then 'protected-partner' else sender end as sender,
        case when sender = any($6) then 'protected-need' else need end as need
    from whole
    where $5::text is null or sender = $5
), lines as (
    select case when 'month' = any($7::text[]) then month end as month,
        case when 'sender' = any($7) then sender end as sender,
        case when 'need' = any($7) then need end as need, case when 'area' = any($7) then area end as area,
        count(*) as handed_off, count(heard) as heard, count(*) filter (where heard = 'delivered') as delivered,
        count(*) filter (where heard = 'partly') as partly,
        count(*) filter (where heard = 'not-delivered') as not_delivered,
        count(*) filter (where backfilled) as backfilled
    from shown
    where ($8::text is null or sender = $8) and ($9::text is null or need = $9)
    and ($10::text is null or coalesce(area, '') = $10)
    group by 1, 2, 3, 4
)
select * from lines order by month, sender collate "C", need collate "C", area collate "C";

-- name: behind
-- The events that a figure counts, in the order they were recorded; those of protected loops are left out where they
-- are hidden; here it is cut by nothing.  $15 the figure, $16 the marks it counts by, $17 to $21 the place of the row
-- before, $22 how many, $23 whether what may have ended several offers at once stands at its day, by the offer, so that
-- two of them do not stand side by side.  Of a consent that ran out each has an event of its own (`apart` is false), but
-- one instant, and the clock says it of one after the other (`joined`).
, chosen as (
    select record, referral, offer, by_erasure from counted
    where not hidden and cardinality($8::text[]) >= 0 and case $15::text
        when 'sent' then true when 'backfilled' then backfilled when 'immature' then not mature
        when 'disposed' then closed or heard when 'closed' then closed when 'heard' then heard and not closed
        when 'unanswered' then expired when 'unknown' then mature and not (closed or heard)
        when 'pending' then not mature and not (closed or heard) when 'served' then served when 'partly' then partly
        when 'told' then told when 'acknowledged' then told and acknowledged when 'asked' then asked
        when 'confirmed' then answer = 'yes own' when 'relayed' then answer = 'yes relayed' when 'open' then open
        when 'responses' then responded >= sent when 'acceptances' then accepted >= sent
        when 'starts' then started >= sent when 'closures' then closed_at >= sent
        when 'declined' then ended_as = 'declined'
    end
    -- A list narrowed to a need would tell the need of one to whom it is not shown any more.
    and ($12::text is null and $13::text is null or ($6::text is null or sender = $6) and not exists (
        select from loop where initiative = $1 and loop.record = counted.record and mark = 'erased'
    ))
), found as (
    select said.*
    from chosen
    join said on said.referral = chosen.referral and (chosen.offer is null or said.offer = chosen.offer)
    left join offer on offer.referral = said.referral and offer.id = said.offer
    where said.mark = any($16::text[]) and said.happened is not null
    and (chosen.offer is not null or offer.speaks or $15 not in ('served', 'partly', 'heard', 'told', 'acknowledged'))
    and ($15 not in ('served', 'partly') or said.value in ('served', 'partly-served'))
    union all
    select loop.*
    from (select distinct record from chosen where by_erasure) as persons
    join loop on loop.initiative = $1 and loop.record = persons.record
    where 'ended' = any($16) and loop.mark = 'erased' and loop.recorded <= $4
)
select mark, value, detail, happened, recorded, source, event::text as event, record::text as record,
    referral::text as referral, offer::text as offer, apart, joined, at, tie, partition, record_offset, number
from (
    select *, case when joined and $23::bool then date_trunc('day', recorded, 'UTC') else recorded end as at,
        case when joined and $23 then coalesce(offer, event)::text else '' end as tie
    from (
        select *, apart or mark = 'ended' and value = 'consent-expired' as joined
        from (
            select *, mark = 'erased' or mark = 'ended' and value in ('consent-revoked', 'client-erased') as apart
            from found
        ) as judged
    ) as told
) as placed
where (at, tie, partition, record_offset, number)
    > ($17::timestamptz, $18::text, $19::int4, $20::int8, $21::int2) or $17::timestamptz is null
order by at, tie, partition, record_offset, number
limit $22;

-- name: digests
-- Of the events of some persons, by their ids.
select record, source, id::text as event, encode(digest, 'hex') as digest
from timeline
where initiative = $1 and record = any($2::text[]) and id = any($3::text[]::uuid[]);

-- name: plans
-- A cohort is joined with itself, whole months of it, and right after a load nothing says how large it is: a nested
-- loop over it is never right.  A plan of so many parts is compiled for longer than it runs.
select set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true),
    set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true);

-- name: vector
select partition, next_offset, clock from position order by partition;
