-- name: make_offer
insert into keep.given_link (
    sha256, kind, initiative, record, partner, referral, offer, email, made_by, made_by_person, ends
)
select $1, 'offer', a.initiative, $4::uuid, a.partner, $5::uuid, $6::uuid, a.email, $7, $8::text::uuid, $9
from keep.address a
where a.initiative = $2 and a.partner = $3
returning link::text as link;

-- name: make_client
insert into keep.given_link (
    sha256, kind, initiative, record, guardian, email, made_by, made_by_person, ends
)
values ($1, 'client', $2, $3::uuid, $4, $5, $6, $7::text::uuid, $8)
returning link::text as link;

-- name: list
-- Those that the partner had made, and those to offers that were made to it; the latest first; of one client alone where it is named.
select link::text as link, kind, initiative, record::text as record, partner, referral::text as referral,
    offer::text as offer, guardian, made_by, made_by_person::text as made_by_person, made, ends, revoked, revoked_by,
    tries, codes
from keep.given_link
where initiative = $1 and (made_by = $2 or partner = $2) and ($4::text is null or record = $4::text::uuid)
order by made desc, link
limit $3;

-- name: to_own
-- What leads to the client's own page at this moment, the latest first; a guardian ($3) is not told of the client's.
select link::text as link, kind, initiative, record::text as record, partner, referral::text as referral,
    offer::text as offer, guardian, made_by, made_by_person::text as made_by_person, made, ends, revoked, revoked_by,
    tries, codes
from keep.given_link
where initiative = $1 and record = $2::text::uuid and kind = 'client' and revoked is null and tries > 0 and ends > now()
    and (guardian or not $3)
order by made desc, link
limit $4;

-- name: end_own
update keep.given_link
set revoked = now(), revoked_by = $5, code = null, code_browser = null, code_expires = null
where link = $1::text::uuid and initiative = $2 and record = $3::text::uuid and kind = 'client' and revoked is null
    and (guardian or not $4)
returning link;

-- name: revoke
update keep.given_link
set revoked = now(), revoked_by = $3, revoked_by_person = $4::text::uuid, code = null, code_browser = null,
    code_expires = null
where link = $1::text::uuid and initiative = $2 and (made_by = $3 or partner = $3) and revoked is null
returning link;

-- name: revoked
select revoked is not null as revoked
from keep.given_link
where link = $1::text::uuid and initiative = $2 and (made_by = $3 or partner = $3);

-- name: find
select link::text as link, kind, initiative, record::text as record, partner, referral::text as referral,
    offer::text as offer, guardian, made_by, ends
from keep.given_link
where sha256 = $1 and kind = $2 and revoked is null and tries > 0;

-- name: ask
-- One code at a time, and not a new one before a while has passed.
update keep.given_link
set code = $2, code_browser = $3, code_asked = now(), code_expires = now() + $4::interval, codes = codes + 1
where link = $1::text::uuid and revoked is null and tries > 0
    and (code_asked is null or code_asked < now() - $5::interval)
returning email;

-- name: tried
-- Whoever tries the same link meanwhile waits for this one, so that each wrong code counts.
select link::text as link, kind, initiative, record::text as record, partner, referral::text as referral,
    offer::text as offer, guardian, made_by, ends, code, code_browser
from keep.given_link
where sha256 = $1 and kind = $2 and revoked is null and tries > 0 and code is not null and code_expires > now()
for update;

-- name: wrong
update keep.given_link
set tries = tries - 1,
    code = case when tries > 1 then code end,
    code_browser = case when tries > 1 then code_browser end,
    code_expires = case when tries > 1 then code_expires end
where link = $1::text::uuid;

-- name: right
update keep.given_link set code = null, code_browser = null, code_expires = null where link = $1::text::uuid;

-- name: open
with before as (
    update keep.link_session set ended = now() where sha256 = $3 and ended is null
)
insert into keep.link_session (sha256, link, expires) values ($1, $2::text::uuid, now() + $4::interval);

-- name: session
with found as (
    select s.sha256, s.seen, g.link, g.kind, g.initiative, g.record, g.partner, g.referral, g.offer, g.guardian,
        g.made_by, g.ends
    from keep.link_session s join keep.given_link g using (link)
    where s.sha256 = $1 and g.kind = $2 and s.ended is null and s.expires > now() and s.seen > now() - $3::interval
        and g.revoked is null
), noted as (
    -- Once a minute is enough to tell whether a session is idle.
    update keep.link_session set seen = now()
    where sha256 in (select sha256 from found where seen < now() - interval '1 minute')
)
select link::text as link, kind, initiative, record::text as record, partner, referral::text as referral,
    offer::text as offer, guardian, made_by, ends
from found;

-- name: leave
update keep.link_session set ended = now() where sha256 = $1 and ended is null;
