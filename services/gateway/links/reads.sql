-- What a client's own link shows.  Every statement runs in a snapshot of the served build.

-- name: client
select state from client where initiative = $1 and record = $2::uuid and id = $2::uuid;

-- name: referrals
-- The latest first.
select id::text as id, state
from referral
where initiative = $1 and record = $2::uuid
order by requested_at desc, id
limit 200;
