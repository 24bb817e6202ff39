-- Erasures from the asking to the end, and the duties to keep that stand against them.

-- name: alone
-- A hold and the beginning of an erasure of one client never happen at the same time.
select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0));

-- name: ask
-- Asking again, by whomever, finds what was asked before.
insert into keep.erasure (certificate, initiative, client, asked_by, asked_at)
values ($1, $2, $3, $4, $5)
on conflict (initiative, client) do nothing;

-- name: asked
select certificate::text as certificate from keep.erasure where initiative = $1 and client = $2;

-- name: all
select e.*, exists (
    select from keep.hold h where h.initiative = e.initiative and h.client = e.client
) as held
from keep.erasure e
order by e.asked_at, e.certificate;

-- name: approve
update keep.erasure set approved_by = $2 where certificate = $1 and approved_by is null;

-- name: second
update keep.erasure
set seconded_by = $2, due_at = $3
where certificate = $1 and approved_by <> $2 and seconded_by is null;

-- name: begin
-- One that died half way keeps its time, so that it says the same event again; the door takes no time that is too old.
update keep.erasure e
set begun_at = case when e.begun_at > $2::timestamptz - interval '30 days' then e.begun_at else $2 end
where e.certificate = $1 and e.due_at <= $2 and e.done_at is null and not exists (
    select from keep.hold h where h.initiative = e.initiative and h.client = e.client
)
returning begun_at;

-- name: done
update keep.erasure set done_at = $2 where certificate = $1 and begun_at is not null and done_at is null;

-- name: hold
-- Too late once an erasure has begun: client.erased may be on the log.
insert into keep.hold (initiative, client, placed_by, placed_at)
select $1, $2, $3, $4
where not exists (
    select from keep.erasure e where e.initiative = $1 and e.client = $2 and e.begun_at is not null
)
on conflict do nothing;

-- name: held
select exists (select from keep.hold where initiative = $1 and client = $2);

-- name: release
delete from keep.hold where initiative = $1 and client = $2 returning client;

-- name: act
insert into keep.act (act, at, person, code, initiative, target) values ($1, $2, $3, $4, $5, $6);
