-- name: find
select subject::text as subject, record::text as record, opener, participants, published
from keep.register
where initiative = $1 and subject = any($2::uuid[]);

-- name: open
-- A row that was published, or is somebody else's, stays as it is.
insert into keep.register (initiative, subject, record, opener, participants)
select $1, o.subject, o.record, $2, string_to_array(o.participants, ' ')
from unnest($3::uuid[], $4::uuid[], $5::text[]) as o (subject, record, participants)
order by o.subject
on conflict (initiative, subject) do update set
    record = excluded.record,
    participants = array(
        select distinct p from unnest(keep.register.participants || excluded.participants) as p order by p
    )
where keep.register.opener = excluded.opener
    and not keep.register.published
    and (keep.register.record <> excluded.record or not keep.register.participants @> excluded.participants)
returning subject::text as subject;

-- name: join
with joining as (
    select j.subject, array_agg(distinct j.partner) as partners
    from unnest($2::uuid[], $3::text[]) as j (subject, partner)
    group by j.subject
)
update keep.register r
set participants = array(select distinct p from unnest(r.participants || joining.partners) as p order by p)
from joining
where r.initiative = $1 and r.subject = joining.subject and not r.participants @> joining.partners;

-- name: published
update keep.register
set published = true
where initiative = $1 and subject = any($2::uuid[]) and not published;

-- name: restore
-- What the log says comes before what a row says; but whoever joined the same opening stays, as the log was read a
-- while ago.
insert into keep.register (initiative, subject, record, opener, participants, published)
select $1, subject, record, opener, string_to_array(participants, ' '), true
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) as r (subject, record, opener, participants)
order by subject
on conflict (initiative, subject) do update
set record = excluded.record, opener = excluded.opener, published = true,
    participants = case
        when (keep.register.record, keep.register.opener) = (excluded.record, excluded.opener) then array(
            select distinct p from unnest(keep.register.participants || excluded.participants) as p order by p
        )
        else excluded.participants
    end;
