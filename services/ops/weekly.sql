-- name: last
-- The latest mail to each partner.
select distinct on (initiative, partner) initiative, partner, week, sent, given_up
from keep.weekly_mail
order by initiative, partner, week desc;
