-- name: refused
-- Which events of a batch the rules refused.
with asked as (
    select * from unnest($2::text[], $3::text[], $4::uuid[]) as event(record, source, id)
)
select t.record, t.id::text as id
from asked a
join timeline t on t.initiative = $1 and t.record = a.record and t.source = a.source and t.id = a.id
where t.outcome = 'refused';

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
