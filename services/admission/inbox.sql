-- name: inboxes
select partner, initiative, topic, number, life, next_offset, last_hash from keep.inbox order by partner;

-- name: beat
-- Whose lock is free becomes the session's own; what it holds already is not asked for twice.
with others as materialized (
    select number from keep.inbox where number <> all($2::int[])
), taken as materialized (
    select number from others where pg_try_advisory_lock($1, number)
)
select i.partner, i.initiative, i.topic, i.number, i.life, i.next_offset, i.last_hash
from keep.inbox i
where i.number = any($2::int[]) or i.number in (select number from taken)
order by i.partner;

-- name: make
insert into keep.inbox (partner, initiative, topic)
select partner, $1, topic
from unnest($2::text[], $3::text[]) as i (partner, topic)
order by partner
on conflict (partner) do nothing
returning partner;

-- name: restart
update keep.inbox set life = life + 1, next_offset = null, last_hash = null where partner = $1 returning life;

-- name: decide
-- Nothing is written when another intake has moved the inbox on.
with moved as (
    update keep.inbox set next_offset = $4, last_hash = $5
    where partner = $1 and life = $2 and next_offset is not distinct from $3
    returning partner, life
)
insert into keep.decision (
    partner, life, record_offset, recorded_at, event, code, pointer, detail, subject, alias, topic, key, value, salt, opens
)
select m.partner, m.life, d.*
from moved m, unnest(
    $6::bigint[], $7::timestamptz[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::uuid[],
    $14::text[], $15::text[], $16::bytea[], $17::bytea[], $18::uuid[]
) as d
returning record_offset;

-- name: pending
select life, record_offset, event::text as event, subject, alias::text as alias, topic, key, value, salt,
    opens::text as opens
from keep.decision
where partner = $1 and value is not null
order by life, record_offset
limit $2;

-- name: published
update keep.decision d
set key = null, value = null, salt = null, log_partition = p.log_partition, log_offset = p.log_offset
from unnest($2::int[], $3::bigint[], $4::int[], $5::bigint[]) as p (life, record_offset, log_partition, log_offset)
where d.partner = $1 and d.life = p.life and d.record_offset = p.record_offset;

-- name: page
select life, record_offset, recorded_at, event::text as event, code, pointer, detail, subject, alias::text as alias,
    topic, log_partition, log_offset
from keep.decision
where partner = $1 and (life, record_offset) > ($2, $3)
order by life, record_offset
limit $4;

-- name: event
select life, record_offset, recorded_at, event::text as event, code, pointer, detail, subject, alias::text as alias,
    topic, log_partition, log_offset
from keep.decision
where partner = $1 and event = $2::uuid
order by life, record_offset
limit $3;

-- name: prune
delete from keep.decision where recorded_at < $1 and value is null;
