-- name: states
-- How the subjects of a batch stand now; the kind says by which shape each state is read.
with asked as (
    select * from unnest($2::uuid[], $3::uuid[]) as subject(record, id)
)
select 'client' as kind, c.id::text as id, c.state
from asked a
join client c on c.initiative = $1 and c.record = a.record and c.id = a.id
union all
select 'referral', r.id::text, r.state
from asked a
join referral r on r.initiative = $1 and r.record = a.record and r.id = a.id
union all
select 'episode', e.id::text, e.state
from asked a
join episode e on e.initiative = $1 and e.record = a.record and e.id = a.id;
