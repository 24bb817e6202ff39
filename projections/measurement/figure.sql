-- name: create
-- Referrals sent, received and served, by partner and month of UTC, and how many of them are history that was loaded
-- later.  Each partition of the log has sums of its own: nobody waits for anybody's rows.
create table figure (
    initiative text not null,
    partner text not null,
    month date not null,
    partition int4 not null,
    sent int8 not null,
    received int8 not null,
    served int8 not null,
    sent_backfilled int8 not null,
    received_backfilled int8 not null,
    served_backfilled int8 not null,
    primary key (initiative, partner, month, partition)
) with (fillfactor = 70);

-- name: by_month
-- The sums of all partitions; $2 and $3 are a first and a last month, or null.
select partner, month, sum(sent)::int8 as sent, sum(received)::int8 as received, sum(served)::int8 as served,
    sum(sent_backfilled)::int8 as sent_backfilled, sum(received_backfilled)::int8 as received_backfilled,
    sum(served_backfilled)::int8 as served_backfilled
from figure
where initiative = $1 and ($2::date is null or month >= $2) and ($3::date is null or month <= $3)
group by partner, month
order by month, partner collate "C";

-- name: vector
select partition, next_offset, clock from position order by partition;
