-- Mails from the feeds: written once, claimed before they are sent, tried again until they are out or overtaken.
-- Bare names are the read model's, in the build that is served as the transaction begins.

-- name: lock
-- Two processes read on one after the other.
select pg_advisory_xact_lock(hashtextextended('keep.mailed', 60));

-- name: known
select to_regclass('position') is not null as there;

-- name: begin
-- What was told before there was anybody to mail it stays unmailed; a partition that is not read yet begins at 0.
insert into keep.mailed (topic, partition, next_offset)
select $1, number, 0
from generate_series(0, $2::int4 - 1) as n (number)
where not exists (select from keep.mailed where topic = $1)
on conflict do nothing
returning partition;

-- name: begin_at
update keep.mailed m set next_offset = p.next_offset
from position p
where m.topic = $1 and p.topic = m.topic and p.partition = m.partition;

-- name: begin_released
insert into keep.mailed (topic, partition, next_offset)
select $1, -1, coalesce((select max(number) from keep.released), 0)
on conflict do nothing;

-- name: moved
-- The partitions that were folded further than they were read.
select p.partition, m.next_offset as since, p.next_offset as until
from position p
join keep.mailed m on m.topic = p.topic and m.partition = p.partition
where p.topic = $1 and p.next_offset > m.next_offset;

-- name: arrived
-- What is mailed, by kinds ($4) and whom they reach ($5), of partners that have their mails sent somewhere.
insert into keep.outbox (initiative, partner, kind, event, referral, offer, protected)
select f.initiative, f.partner, f.kind, f.event, f.referral, f.offer, f.protected
from keep.address a
cross join unnest($1::int4[], $2::int8[], $3::int8[]) as v (partition, since, until)
cross join lateral (
    select * from feed e
    where e.initiative = a.initiative and e.partner = a.partner and e.partition = v.partition
    and e.record_offset >= v.since and e.record_offset < v.until
    and (e.kind, e.why) in (select * from unnest($4::text[], $5::text[]))
) f
on conflict do nothing;

-- name: read
update keep.mailed m set next_offset = v.until
from unnest($2::int4[], $3::int8[]) as v (partition, until)
where m.topic = $1 and m.partition = v.partition;

-- name: released
-- What had been parked when its place was read.
with listed as (
    select r.* from keep.released r
    join keep.mailed m on m.topic = $1 and m.partition = -1
    where r.number > m.next_offset
)
insert into keep.outbox (initiative, partner, kind, event, referral, offer, protected)
select f.initiative, f.partner, f.kind, f.event, f.referral, f.offer, f.protected
from listed l
join keep.address a using (initiative, partner)
join feed f using (initiative, partner, partition, record_offset, ordinal)
where (f.kind, f.why) in (select * from unnest($2::text[], $3::text[]))
on conflict do nothing;

-- name: released_read
update keep.mailed
set next_offset = greatest(next_offset, coalesce((select max(number) from keep.released), 0))
where topic = $1 and partition = -1;

-- name: claim
-- Nobody else takes it before the lease is over; a process that dies leaves it to the next one.
update keep.outbox o
set attempts = o.attempts + 1, due = now() + $1::interval
where o.mail = (
    select mail from keep.outbox
    where sent is null and given_up is null and due <= now()
    order by due, mail
    limit 1
    for update skip locked
)
returning o.mail::text as mail, o.initiative, o.partner, o.kind, o.referral::text as referral, o.offer::text as offer,
    o.protected, o.attempts;

-- name: record
select record::text as record from keep.register where initiative = $1 and subject = $2::text::uuid;

-- name: state
select r.state, c.state as client
from referral r
join client c on c.initiative = r.initiative and c.record = r.record and c.id = r.record
where r.initiative = $1 and r.record = $2::text::uuid and r.id = $3::text::uuid;

-- name: address
select email from keep.address where initiative = $1 and partner = $2;

-- name: withdrawn
select keep.is_link_withdrawn($1, $2, $3::text::uuid);

-- name: link
insert into keep.given_link (sha256, kind, initiative, record, partner, referral, offer, email, ends)
values ($1, 'offer', $2, $3::text::uuid, $4, $5::text::uuid, $6::text::uuid, $7, $8)
returning link::text as link;

-- name: attempt
insert into keep.delivery (mail, attempt, link) values ($1::text::uuid, $2, $3::text::uuid);

-- name: told
update keep.delivery set ended = now(), outcome = $3 where mail = $1::text::uuid and attempt = $2;

-- name: sent
update keep.outbox set sent = now() where mail = $1::text::uuid and sent is null and given_up is null;

-- name: alike
-- What waited as this attempt began, and would be told by the same words and the same way in: it is told now.
update keep.outbox o set sent = now()
from keep.outbox m join keep.delivery d on d.mail = m.mail and d.attempt = $2
where m.mail = $1::text::uuid and o.mail <> m.mail and o.sent is null and o.given_up is null
and (o.initiative, o.partner, o.kind) = (m.initiative, m.partner, m.kind)
and o.attempts = 0 and o.written <= d.began;

-- name: again
update keep.outbox set due = now() + $2::interval where mail = $1::text::uuid and sent is null and given_up is null;

-- name: give_up
update keep.outbox set given_up = now() where mail = $1::text::uuid and sent is null and given_up is null;

-- name: waiting
select count(*) as waiting from keep.outbox where sent is null and given_up is null;
