-- name: tokens
-- Which of these tokens are still valid.
select 'token:' || prefix as credential, null as acting
from keep.token
where prefix = any($1::text[]) and revoked is null and expires > now()
    and not exists (select from keep.person where person.person = token.person and ended is not null);

-- name: sessions
-- Which of these sessions are still in force, and what their people act as.
select 'session:' || session as credential, acting
from keep.session join keep.person using (person)
where session = any($1::text[]::uuid[]) and session.ended is null and expires > now() and seen > now() - $2::interval
    and person.ended is null;
