-- name: create
-- How far each partition is folded.  `clock` is in milliseconds since 1970 and comes from the broker's records.
create table position (
    topic text not null,
    partition int4 not null,
    next_offset int8 not null,
    clock int8 not null,
    last_hash bytea,
    rule int4 not null,
    primary key (topic, partition)
);

-- name: find
select p.topic, p.partition, p.next_offset, p.clock, p.last_hash, p.rule
from unnest(string_to_array($1, E'\n'), string_to_array($2, E'\n')::int4[]) as wanted (topic, partition)
join position p using (topic, partition);

-- name: advance
-- The compare-and-swap: a row is written only where the partition stands at $3, or never stood and $3 is the beginning.
insert into position as held (topic, partition, next_offset, clock, last_hash, rule)
select $1, $2, $4, $5, $6, $7
where $3 = 0 or exists (select from position where topic = $1 and partition = $2)
on conflict (topic, partition) do update
set next_offset = excluded.next_offset, clock = excluded.clock, last_hash = excluded.last_hash, rule = excluded.rule
where held.next_offset = $3::int8;
