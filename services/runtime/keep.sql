-- How migrations of `keep` are applied: each once, and none changed afterwards.

-- name: lock
-- Held to the end of the transaction by whoever migrates.
select pg_advisory_xact_lock($1);

-- name: begin
create schema if not exists keep;

create table if not exists keep.migration (
    number integer primary key,
    name text not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$')
);

-- name: applied
select number, sha256 from keep.migration order by number;

-- name: record
insert into keep.migration (number, name, sha256) values ($1, $2, $3);
