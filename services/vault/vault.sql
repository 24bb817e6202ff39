-- What the vault keeps.  Everything is a statement a batch, and nothing here is ever a clear text or a bare key.

-- name: secret
-- The fingerprint of the secrets file of this kind that is in use.
select number, fingerprint from keep.secret where kind = $1 and current;

-- name: since
select since from keep.secret where kind = $1 and current;

-- name: claim
-- The first process to come names the secrets that belong to this database.
insert into keep.secret (kind, number, fingerprint, current)
values ($1, $2, $3, true)
on conflict do nothing;

-- name: find
select n.position::integer as position, a.client::text as client
from unnest($3::uuid[]) with ordinality as n (alias, position)
join keep.alias a on a.initiative = $1 and a.partner = $2 and a.alias = n.alias;

-- name: find_own
select n.position::integer as position, a.client::text as client, a.own_sealed is not null as kept
from unnest($3::bytea[]) with ordinality as n (own, position)
join keep.alias a on a.initiative = $1 and a.partner = $2 and a.own = n.own;

-- name: mint
-- Of two processes that name the same person at once, one makes the client and the other finds it.
-- All go through the names in one order, so that they never wait for each other in a circle.
with fresh as (
    insert into keep.alias (initiative, partner, alias, client, own)
    select $1, $2, n.alias, n.client, n.own
    from unnest($3::uuid[], $4::uuid[], $5::bytea[]) as n (alias, client, own)
    order by n.own
    on conflict (initiative, partner, own) where own is not null do nothing
    returning client, own
),
client as (
    insert into keep.client (initiative, client) select $1, client from fresh
)
select own, client::text as client from fresh;

-- name: keep_own
-- Only beside the hash of the same id, and in one order, so that those who say the same ids do not wait in a circle.
with bare as (
    select a.alias, n.sealed
    from unnest($3::bytea[], $4::bytea[]) as n (own, sealed)
    join keep.alias a on a.initiative = $1 and a.partner = $2 and a.own = n.own
    where a.own_sealed is null
    order by a.own
    for no key update of a
)
update keep.alias a
set own_sealed = bare.sealed
from bare
where a.initiative = $1 and a.partner = $2 and a.alias = bare.alias;

-- name: names
select client::text as client, alias::text as alias, own_sealed
from keep.alias
where initiative = $1 and partner = $2 and client = any($3::uuid[]);

-- name: aliases
select client::text as client, alias::text as alias
from keep.alias
where initiative = $1 and partner = $2 and client = any($3::uuid[]);

-- name: grant
-- The row locks make an erasure wait, or show it to have come first: no alias outlives its client.
with living as (
    select c.client
    from keep.client c
    where c.initiative = $1 and c.client = any($3::uuid[]) and not c.erased
    order by c.client
    for share
)
insert into keep.alias (initiative, partner, alias, client)
select $1, $2, n.alias, n.client
from unnest($4::uuid[], $3::uuid[]) as n (alias, client)
join living on living.client = n.client
order by n.client
on conflict (initiative, partner, client) do nothing;

-- name: matched
-- The living client that is known by every one of these tokens, none of which stands for anybody else as well.
select min(m.client::text) as client
from keep.match m
join keep.client c on c.initiative = m.initiative and c.client = m.client and not c.erased
where m.initiative = $1 and m.token = any($2::bytea[])
having count(distinct m.client) = 1 and count(*) = cardinality($2::bytea[]);

-- name: adopt
-- An own id for a client that there is; a partner that has a name for them already keeps that.
with living as (
    select client from keep.client where initiative = $1 and client = $4::uuid and not erased for share
)
insert into keep.alias (initiative, partner, alias, client, own)
select $1, $2, $3::uuid, living.client, $5
from living
on conflict do nothing;

-- name: know_by
-- An own id for a client that the partner has a name for, in the place of one that it gave before.  One that names
-- somebody else stays theirs; where it does since a moment ago, the index says so.
update keep.alias a
set own = $4, own_sealed = $5
where a.initiative = $1 and a.partner = $2 and a.client = $3::uuid
and not exists (
    select from keep.alias o where o.initiative = $1 and o.partner = $2 and o.own = $4 and o.client <> $3::uuid
)
returning a.alias;

-- name: living
-- Locks the client's row: of two who say tokens for the same client at once, the second finds those of the first.
select client from keep.client where initiative = $1 and client = $2::uuid and not erased for no key update;

-- name: know
-- Only what a client is first known by: nobody adds somebody else's tokens to a person whom others named.
insert into keep.match (initiative, token, client)
select $1, t.token, $2::uuid
from unnest($3::bytea[]) as t (token)
where not exists (select from keep.match m where m.initiative = $1 and m.client = $2::uuid)
order by t.token
on conflict do nothing;

-- name: erase_matches
delete from keep.match where initiative = $1 and client = $2;

-- name: erase_links
-- Whatever was given to somebody to reach what is the person's, and the sessions that it opened.
delete from keep.given_link where initiative = $1 and record = $2;

-- name: keys
select owner::text as owner, kid, wrapped, epoch
from keep.data_key
where initiative = $1 and owner = any($2::uuid[]);

-- name: add_keys
-- Only under the epoch in use: a rotation waits for the row lock, or is seen to have come first.
with epoch as (
    select number from keep.secret where kind = 'epoch' and number = $2 and current for share
)
insert into keep.data_key (initiative, owner, kid, wrapped, epoch)
select $1, k.owner, k.kid, k.wrapped, epoch.number
from unnest($3::uuid[], $4::bytea[], $5::bytea[]) as k (owner, kid, wrapped), epoch
order by k.owner
on conflict (initiative, owner) do nothing
returning owner::text as owner;

-- name: erase_client
insert into keep.client (initiative, client, erased)
values ($1, $2, true)
on conflict (initiative, client) do update set erased = true;

-- name: erase_aliases
delete from keep.alias where initiative = $1 and client = $2;

-- name: erase_key
-- The row stays, empty, so that no new key can take its place.
insert into keep.data_key (initiative, owner, kid, destroyed)
values ($1, $2, $3, true)
on conflict (initiative, owner) do update set wrapped = null, epoch = null, destroyed = true;

-- name: rotating
select pg_try_advisory_lock($1);

-- name: rotated
select pg_advisory_unlock($1);

-- name: retire_epoch
update keep.secret set current = false where kind = 'epoch' and current;

-- name: begin_epoch
insert into keep.secret (kind, number, fingerprint, current) values ('epoch', $1, $2, true);

-- name: stale_keys
select initiative, owner::text as owner, kid, wrapped, epoch
from keep.data_key
where not destroyed and epoch < $1
order by epoch
limit $2;

-- name: rewrap
update keep.data_key k
set wrapped = n.wrapped, epoch = $1
from unnest($2::text[], $3::uuid[], $4::bytea[], $5::bytea[]) as n (initiative, owner, kid, wrapped)
where k.initiative = n.initiative and k.owner = n.owner and k.kid = n.kid and not k.destroyed and k.epoch < $1;

-- name: forget_epochs
delete from keep.secret where kind = 'epoch' and number < $1;
