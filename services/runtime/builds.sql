-- name: known
select to_regclass('keep.active') is not null;

-- name: active
select version, build, schema from keep.active where projection = $1;

-- name: activate
insert into keep.active (projection, version, build, schema) values ($1, $2, $3, $4)
on conflict (projection) do nothing;

-- name: hold
select pg_advisory_xact_lock(hashtextextended($1, 30));

-- name: as_processor
-- Whoever makes a read model, it belongs to the role that folds into it.
set local role manyhands_processor;

-- name: guard
select keep.guard($1);

-- name: set_aside
alter schema {api} rename to {aside};

-- name: make
create schema {api};

-- name: tables
select relname as name from pg_class
where relnamespace = to_regnamespace($1) and relkind = 'r'
order by relname;

-- name: view
-- Whoever reads through the view needs a right to the table, and sees the rows that the table lets them see.
create view {api}.{table} with (security_invoker = true) as select * from {schema}.{table};

-- name: show
grant usage on schema {api} to manyhands_gateway;
grant select on all tables in schema {api} to manyhands_gateway;

-- name: aside
-- A name that no other switch gives.
select $1 || '_before_' || pg_current_xact_id()::text;

-- name: asides
select nspname as name from pg_namespace where starts_with(nspname, $1 || '_before_') order by 1;

-- name: impatient
-- Shorter than the time after which PostgreSQL looks for a deadlock: whoever drops gives way to readers.
set local statement_timeout = '300ms';

-- name: drop
drop schema if exists {aside} cascade;
