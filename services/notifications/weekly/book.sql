-- Weekly mails: each week begun once, each mail written once, claimed before it is sent, tried again until it is out.

-- name: begin
-- Of two at once the later one waits for the earlier and writes nothing.
insert into keep.weekly_round (initiative, week, begun) values ($1, $2, $3)
on conflict do nothing
returning exists (select from keep.weekly_round r where r.initiative = $1 and r.week < $2) as follows;

-- name: write
-- Of a partner that has its mails sent somewhere.
insert into keep.weekly_mail (initiative, week, partner, services, written)
select a.initiative, $2, a.partner, $4::text[], $5
from keep.address a
where a.initiative = $1 and a.partner = $3;

-- name: overtake
-- What did not go out in its own week.
update keep.weekly_mail set given_up = now()
where initiative = $1 and week < $2 and sent is null and given_up is null;

-- name: forget
delete from keep.weekly_round where week < $1;

-- name: claim
-- Nobody else takes it before the lease is over; a process that dies leaves it to the next one.
update keep.weekly_mail m
set attempts = m.attempts + 1, due = now() + $1::interval
where m.mail = (
    select mail from keep.weekly_mail
    where sent is null and given_up is null and due <= now()
    order by due, mail
    limit 1
    for update skip locked
)
returning m.mail::text as mail, m.initiative, m.partner, m.services, m.attempts;

-- name: link
insert into keep.weekly_link (sha256, mail, attempt, email, ends)
select $1, m.mail, $3, a.email, $4
from keep.weekly_mail m join keep.address a using (initiative, partner)
where m.mail = $2::text::uuid
returning email;

-- name: told
update keep.weekly_link set ended = now(), outcome = $3 where mail = $1::text::uuid and attempt = $2;

-- name: sent
update keep.weekly_mail set sent = now() where mail = $1::text::uuid and sent is null and given_up is null;

-- name: again
update keep.weekly_mail set due = now() + $2::interval
where mail = $1::text::uuid and sent is null and given_up is null;

-- name: give_up
update keep.weekly_mail set given_up = now() where mail = $1::text::uuid and sent is null and given_up is null;
