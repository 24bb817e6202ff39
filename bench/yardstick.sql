-- The yardstick's two tables, shared by every engine that does the same job: last status and count.

-- name: create
create table last_status (
    subject text primary key,
    status text not null,
    events integer not null
);

create table position (
    partition integer primary key,
    next_offset bigint not null
);

-- name: write
insert into last_status
select * from unnest($1::text[], $2::text[], $3::integer[])
on conflict (subject) do update
set status = excluded.status, events = last_status.events + excluded.events;

-- name: advance
insert into position
select * from unnest($1::integer[], $2::bigint[])
on conflict (partition) do update set next_offset = excluded.next_offset;

-- name: write_one
insert into last_status values ($1, $2, 1)
on conflict (subject) do update
set status = excluded.status, events = last_status.events + 1;
