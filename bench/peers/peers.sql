-- What peers need beside the yardstick's statements.

-- name: prepare
prepare write_rows (text[], text[], integer[]) as {write};

-- name: write
execute write_rows (%s, %s, %s);

-- name: prepare_states
prepare write_states (text[], text[], integer[]) as
insert into last_status
select * from unnest($1::text[], $2::text[], $3::integer[])
on conflict (subject) do update
set status = excluded.status, events = excluded.events;

-- name: write_states
execute write_states (%s, %s, %s);

-- name: create_values
create table last_status (
    subject text primary key,
    status text not null
);
