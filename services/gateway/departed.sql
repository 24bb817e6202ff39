-- What registrars read of partners that take no part.

-- name: left_open
-- How many needs that each of these partners stated are open though it is gone: those that somebody took on and that
-- have not ended, and those for which somebody was asked in vain.
select sender, count(*) filter (where taken) as taken, count(*) filter (where not taken) as untaken
from (
    select sender, status in ('accepted', 'on-hold') or (status = 'in-progress' and closed_at is null) as taken
    from referral
    where initiative = $1 and sender = any($2::text[]) and loop = 'open' and not erased
) as left_open
group by sender;
