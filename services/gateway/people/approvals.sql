-- name: ask
insert into keep.approval (initiative, partner, person, asked_by, expires)
values ($1, $2, $3::text::uuid, $4::text::uuid, now() + $5::interval)
returning approval::text as approval, initiative, partner, person::text as person, asked_by::text as asked_by,
    asked_at, expires, decided_by::text as decided_by, decided_at, approved, event::text as event,
    expires <= now() as expired;

-- name: list
select approval::text as approval, initiative, partner, person::text as person, asked_by::text as asked_by,
    asked_at, expires, decided_by::text as decided_by, decided_at, approved, event::text as event,
    expires <= now() as expired
from keep.approval
where initiative = $1
order by asked_at desc, approval
limit 100;

-- name: find
select approval::text as approval, initiative, partner, person::text as person, asked_by::text as asked_by,
    asked_at, expires, decided_by::text as decided_by, decided_at, approved, event::text as event,
    expires <= now() as expired
from keep.approval
where initiative = $1 and approval = $2::text::uuid;

-- name: decide
with decided as (
    update keep.approval set decided_by = $3::text::uuid, decided_at = now(), approved = $4
    where initiative = $1 and approval = $2::text::uuid and approved is null and expires > now()
        and not ($4 and asked_by = $3::text::uuid)
    returning *
), noted as (
    insert into keep.act (act, at, person, approver, code, initiative, target)
    select gen_random_uuid(), decided_at, asked_by, nullif(decided_by, asked_by), $5, initiative, approval::text
    from decided
)
select approval::text as approval, initiative, partner, person::text as person, asked_by::text as asked_by,
    asked_at, expires, decided_by::text as decided_by, decided_at, approved, event::text as event,
    expires <= now() as expired
from decided;

-- name: published
update keep.approval set event = $2::text::uuid where approval = $1::text::uuid and event is null;
