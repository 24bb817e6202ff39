-- The yardstick's job, exactly once: its position row is compared before it is moved.

-- name: create
alter table position
    add column clock bigint not null default 0,
    add column last_hash bytea;

-- name: register
insert into position values ($1, 0) on conflict do nothing;

-- name: stands
select next_offset, clock, last_hash from position where partition = $1;

-- name: advance
update position set next_offset = $3, clock = $4, last_hash = $5
where partition = $1 and next_offset = $2;
