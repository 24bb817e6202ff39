-- name: make
with ended as (
    delete from keep.ticket where expires < now()
)
insert into keep.ticket (sha256, kind, initiative, partner, actor, scopes, credential, expires)
values ($1, $2, $3, $4, $5::text::uuid, $6, $7, now() + $8::interval)
returning expires;

-- name: use
delete from keep.ticket where sha256 = $1 and expires > now()
returning kind, initiative, partner, actor::text as actor, scopes, credential;
