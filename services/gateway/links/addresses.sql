-- name: set
-- Links whose codes go elsewhere are worth nothing from now on.
with gone as (
    update keep.given_link
    set revoked = now(), revoked_by = $2, revoked_by_person = $4::text::uuid, code = null, code_browser = null,
        code_expires = null
    where initiative = $1 and partner = $2 and revoked is null and email <> $3
)
insert into keep.address (initiative, partner, email, set_by) values ($1, $2, $3, $4::text::uuid)
on conflict (initiative, partner) do update set email = excluded.email, set_by = excluded.set_by, set_at = now();

-- name: get
select initiative, partner, email, set_at
from keep.address
where ($1::text is null or initiative = $1) and ($2::text is null or partner = $2)
order by initiative, partner;

-- name: forget
with gone as (
    update keep.given_link
    set revoked = now(), revoked_by = $2, revoked_by_person = $3::text::uuid, code = null, code_browser = null,
        code_expires = null
    where initiative = $1 and partner = $2 and revoked is null
)
delete from keep.address where initiative = $1 and partner = $2 returning partner;
