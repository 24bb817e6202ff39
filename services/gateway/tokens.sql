-- name: find
select sha256, initiative, partner, person::text as person, scopes
from keep.token
where prefix = $1 and revoked is null and expires > now()
    -- A token that speaks for somebody ends with them.
    and not exists (select from keep.person where person.person = token.person and ended is not null);

-- name: add
-- With a note of the person who did it ($9), where it was one: a token speaks for a whole partner.
with made as (
    insert into keep.token (prefix, sha256, initiative, partner, person, scopes, expires, replaces)
    values ($1, $2, $3, $4, $5::text::uuid, $6, now() + $7::interval, $8)
    on conflict (prefix) do nothing
    returning prefix, initiative, expires
), noted as (
    insert into keep.act (act, at, person, code, initiative, target)
    select gen_random_uuid(), now(), $9::text::uuid, case when $8 is null then 'token.issued' else 'token.rotated' end,
        initiative, prefix
    from made
    where $9 is not null
)
select expires from made;

-- name: list
select prefix, initiative, partner, person::text as person, scopes, issued, expires, revoked, replaces
from keep.token
where ($1::text is null or initiative = $1) and ($2::text is null or partner = $2)
order by initiative, partner, issued, prefix;

-- name: revoke
with gone as (
    update keep.token set revoked = coalesce(revoked, now()) where prefix = $1 returning prefix, initiative
), noted as (
    insert into keep.act (act, at, person, code, initiative, target)
    select gen_random_uuid(), now(), $2::text::uuid, 'token.revoked', initiative, prefix from gone where $2 is not null
)
select prefix from gone;

-- name: lock
-- Of two who replace a token at once, the second waits here, and then finds the successor that the first one made.
select from keep.token where prefix = $1 for update;

-- name: followed
select
from keep.token t
join keep.token s on s.replaces = t.prefix
where t.prefix = $1 and t.revoked is null and t.expires > now() and s.revoked is null and s.expires > now();

-- name: retire
-- The one before goes at once, this one when its successor had time to be put everywhere.
with earlier as (
    update keep.token set revoked = coalesce(revoked, now())
    where prefix = (select replaces from keep.token where prefix = $1)
)
update keep.token set expires = least(expires, now() + $2::interval)
where prefix = $1 and revoked is null and expires > now()
returning initiative, partner, person::text as person, scopes;
