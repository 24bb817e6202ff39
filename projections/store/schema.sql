-- name: lock
select pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: exists
select exists (select from pg_namespace where nspname = $1);

-- name: create
create schema {schema};
set local search_path = {schema};

-- name: drop
drop schema if exists {schema} cascade;

-- name: logged
alter table {schema}.{table} set logged;
