-- name: ask
-- Asking again while it waits finds what the same partner asked before.
with before as (
    select request from keep.client_link
    where initiative = $1 and partner = $2 and link = $6
        and ((client, other) = ($4::text::uuid, $5::text::uuid) or (client, other) = ($5::text::uuid, $4::text::uuid))
        and second_by is null and refused_by is null and expires > now()
    order by asked_at limit 1
), asked as (
    insert into keep.client_link (initiative, partner, person, client, other, link, expires)
    select $1, $2, $3::text::uuid, $4::text::uuid, $5::text::uuid, $6, now() + $7::interval
    where not exists (select from before)
    returning request
)
select request::text as request from before union all select request::text from asked;

-- name: find
select *, expires <= now() as expired from keep.client_link where initiative = $1 and request = $2::text::uuid;

-- name: list
select *, expires <= now() as expired from keep.client_link
where initiative = $1 order by asked_at desc, request limit 100;

-- name: of_client
select *, expires <= now() as expired from keep.client_link
where initiative = $1 and partner = $2 and $3::text::uuid in (client, other)
order by asked_at desc, request limit 100;

-- name: approve
-- Each of the two is somebody else, and neither is who asked.  Of two at once the one who comes later is the second.
with approved as (
    update keep.client_link set
        first_by = coalesce(first_by, $3::text::uuid),
        second_by = case when first_by is null then null else $3::text::uuid end,
        approved_at = case when first_by is null then null else now() end
    where initiative = $1 and request = $2::text::uuid and second_by is null and refused_by is null
        and expires > now() and first_by is distinct from $3::text::uuid and person is distinct from $3::text::uuid
    returning *
), noted as (
    insert into keep.act (act, at, person, approver, code, initiative, target)
    select gen_random_uuid(), approved_at, first_by, second_by,
        case when link then 'client-link.approved' else 'client-unlink.approved' end, initiative, request::text
    from approved where second_by is not null
)
select request from approved;

-- name: refuse
with refused as (
    update keep.client_link set refused_by = $3::text::uuid, refused_at = now(), reason = $4
    where initiative = $1 and request = $2::text::uuid and second_by is null and refused_by is null and expires > now()
    returning *
), noted as (
    insert into keep.act (act, at, person, code, initiative, target)
    select gen_random_uuid(), refused_at, refused_by,
        case when link then 'client-link.refused' else 'client-unlink.refused' end, initiative, request::text
    from refused
)
select request from refused;

-- name: published
update keep.client_link set published = true, outcome = $2, code = $3 where request = $1::text::uuid;
