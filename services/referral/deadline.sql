-- What the timekeeper reads of the referral projection, in a moment of the served build.

-- name: due
-- The oldest first, behind the one that was read last.
select record::text as record, referral::text as referral, offer::text as offer, kind, due, promise, sent
from deadline
where initiative = $1 and backfilled = $2 and due <= $3
and (due, record, referral, offer) > ($4, $5::uuid, $6::uuid, $7::uuid)
order by due, record, referral, offer
limit $8;

-- name: coming
select min(due) as due from deadline where initiative = $1 and backfilled = $2 and due > $3;

-- name: holding
-- Which of these partners are this side of any such offer: one look into the index for each.
select gone.partner
from unnest($2::text[]) with ordinality as gone (partner, place)
where exists (
    select from deadline where initiative = $1 and {side} = gone.partner and (not backfilled or $3)
)
order by gone.place;

-- name: held
-- One partner's offers by one side of them: as recipient those that are open, as sender those that
-- wait for an answer, in time or late.
select record::text as record, referral::text as referral, offer::text as offer, sent
from deadline
where initiative = $1 and {side} = $2 and (not backfilled or $3)
and (record, referral, offer) > ($4::uuid, $5::uuid, $6::uuid)
order by record, referral, offer
limit $7;
