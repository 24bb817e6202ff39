-- What peers need beside the yardstick's statements; %s is psycopg's sign for a value.

-- name: prepare_adding
prepare add_rows (text[], text[], integer[]) as {write};

-- name: add
execute add_rows (%s, %s, %s);

-- name: prepare_overwriting
prepare overwrite_rows (text[], text[], integer[]) as
insert into last_status
select * from unnest($1::text[], $2::text[], $3::integer[])
on conflict (subject) do update
set status = excluded.status, events = excluded.events;

-- name: overwrite
execute overwrite_rows (%s, %s, %s);

-- name: create_values
create table last_status (
    subject text primary key,
    status text not null
);
