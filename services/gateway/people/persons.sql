-- name: add
insert into keep.person (person, initiative, partner, email)
values ($1::text::uuid, $2, $3, $4)
on conflict do nothing
returning person;

-- name: list
select person::text as person, initiative, partner, email, added, ended
from keep.person
where ($1::text is null or initiative = $1) and ($2::text is null or partner = $2)
order by initiative, partner, added, person;

-- name: by_email
select person::text as person, initiative, partner, email, added, ended
from keep.person
where email = $1 and ended is null;

-- name: ended
select person::text as person from keep.person where person = any($1::text[]::uuid[]) and ended is not null;

-- name: deactivate
with gone as (
    update keep.session set ended = now() where person = $1::text::uuid and ended is null
)
update keep.person set ended = coalesce(ended, now()) where person = $1::text::uuid returning person;
