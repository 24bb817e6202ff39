-- name: ask
with ended as (
    delete from keep.link where expires < now() - interval '1 day'
)
insert into keep.link (sha256, browser, person, expires)
values ($1, $2, (select person from keep.person where email = $3 and ended is null), now() + $4::interval)
returning person is not null as known;

-- name: use
update keep.link set used = now()
where sha256 = $1 and browser = $2 and used is null and expires > now()
    and exists (select from keep.person where person.person = link.person and ended is null)
returning person::text as person;
