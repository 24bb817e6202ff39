-- name: open
with before as (
    update keep.session set ended = now() where sha256 = $3 and ended is null
)
insert into keep.session (sha256, person, expires) values ($1, $2::text::uuid, now() + $4::interval);

-- name: find
with found as (
    select session, person.person, initiative, partner, acting, seen
    from keep.session join keep.person using (person)
    where sha256 = $1 and session.ended is null and expires > now() and seen > now() - $2::interval
        and person.ended is null
), noted as (
    -- Once a minute is enough to tell whether a session is idle.
    update keep.session set seen = now()
    where session in (select session from found where seen < now() - interval '1 minute')
)
select session::text as session, person::text as person, initiative, partner, acting from found;

-- name: act
update keep.session set acting = $2 where session = $1::text::uuid;

-- name: list
select session::text as session, opened, seen, expires
from keep.session
where person = $1::text::uuid and ended is null and expires > now() and seen > now() - $2::interval
order by opened, session;

-- name: end
update keep.session set ended = now()
where session = $1::text::uuid and person = $2::text::uuid and ended is null
returning session;
