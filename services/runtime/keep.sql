-- How migrations of `keep` are applied: each once, and none changed afterwards.

-- name: lock
-- Held to the end of the transaction by whoever migrates.
select pg_advisory_xact_lock($1);

-- name: roles
-- Before all migrations, so that each can grant what it makes.  Roles belong to the server, not to the database:
-- another database's migration may make them at the same moment.
do $$
declare
    wanted text;
begin
    foreach wanted in array array[
        'manyhands_gateway', 'manyhands_admission', 'manyhands_processor', 'manyhands_notifications',
        'manyhands_operator'
    ] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception when duplicate_object or unique_violation then
                null;
            end;
        end if;
    end loop;
end
$$;

-- name: begin
create schema if not exists keep;

create table if not exists keep.migration (
    number integer primary key,
    name text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$')
);

-- name: known
select to_regclass('keep.migration') is not null;

-- name: applied
select number, sha256 from keep.migration order by number;

-- name: record
insert into keep.migration (number, name, sha256) values ($1, $2, $3);
