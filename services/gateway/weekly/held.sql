-- What the links of weekly mails lead to, and what was answered through them.

-- name: find
select m.mail::text as mail, m.initiative, m.partner, m.services, m.written, l.ends, exists (
    select from keep.address a where (a.initiative, a.partner, a.email) = (m.initiative, m.partner, l.email)
) as addressed
from keep.weekly_link l join keep.weekly_mail m using (mail)
where l.sha256 = $1;

-- name: answered
select at, said::text as said, published is not null as published
from keep.weekly_answer
where mail = $1::text::uuid and answer = $2;

-- name: answer
-- As it was kept first; of two at once the later one waits for the earlier.
insert into keep.weekly_answer as w (mail, answer, at, said) values ($1::text::uuid, $2, $3, $4::text::jsonb)
on conflict (mail, answer) do update set at = w.at
returning at, said::text as said, published is not null as published;

-- name: published
update keep.weekly_answer set published = now() where mail = $1::text::uuid and answer = $2 and published is null;
