-- name: inbox
-- The partner's inbox, if it has one that speaks to this initiative.
select coalesce(next_offset, 0) as next_offset from keep.inbox where partner = $1 and initiative = $2;

-- name: results
select life, record_offset, recorded_at, event::text as event, code, pointer, detail, subject, alias::text as alias,
    topic, log_partition, log_offset
from keep.decision
where partner = $1 and (life, record_offset) > ($2, $3) and ($4::uuid is null or event = $4::uuid)
order by life, record_offset
limit $5;
