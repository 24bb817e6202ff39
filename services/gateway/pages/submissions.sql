-- name: find
select at from keep.submission where initiative = $1 and partner = $2 and submission = $3::text::uuid;

-- name: claim
-- The time at which it was sent first; of two at once the later one waits for the earlier and is told its time.
with ended as (
    delete from keep.submission where at < now() - interval '7 days'
)
insert into keep.submission (initiative, partner, submission, at)
values ($1, $2, $3::text::uuid, $4)
on conflict (initiative, partner, submission) do update set at = keep.submission.at
returning at;
