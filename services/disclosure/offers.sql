-- name: of_client
-- The offers that gave somebody something of the client's, the latest first, since $3: once for whom each was sent to,
-- and once more for who claimed one that a class was asked.  History that was loaded later was given when it happened,
-- all else when it was on the log.  All of them, or ($6 given) those that the partner sent, was sent, or claimed; a
-- class is its sender's to know of alone, as nobody of it is told whose need it is.
select g.record_offset, g.id::text as event, g.type, g.subject, g.actor::text as actor, g.happened, g.recorded, g.given,
    r.sender, o.offer
from (
    select t.*, case when t.backfilled then t.happened else t.recorded end as given
    from timeline t
    where t.initiative = $1 and t.record = $2::text
    and t.type in ('referral.offer_sent', 'referral.offer_claimed') and t.outcome <> 'refused'
) g
join referral r on r.initiative = $1 and r.record = $2::text::uuid and r.id = g.subject::uuid
cross join lateral (
    select each.value as offer
    from jsonb_array_elements(r.state::jsonb -> 'offers') each (value)
    where (each.value ->> 'id')::uuid = g.offer
) o
where g.given >= $3
and ($4::timestamptz is null or (g.given, g.record_offset) < ($4, $5::int8))
and (
    $6::text is null or r.sender = $6
    or (o.offer ->> 'recipient' = $6 and (g.type = 'referral.offer_claimed' or o.offer -> 'to_class' is null))
)
order by g.given desc, g.record_offset desc
limit $7;
