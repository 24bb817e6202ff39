-- name: positions
-- How far feeds are folded, and what was released last: what changes neither tells nobody anything.
select topic, partition, next_offset, (select coalesce(max(number), 0) from keep.released) as released
from api_communication.position
order by topic, partition;
