-- name: positions
select topic, partition, next_offset from api_communication.position order by topic, partition;
