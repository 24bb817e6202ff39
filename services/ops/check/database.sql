-- What the house relies on in PostgreSQL.

-- name: server
select current_setting('server_version_num')::int as number,
    current_setting('server_version') as version,
    pg_encoding_to_char(d.encoding) as encoding,
    d.datcollate as collation,
    d.datlocprovider::text as provider,
    current_setting('fsync') as fsync,
    current_setting('full_page_writes') as full_page_writes,
    current_setting('synchronous_commit') as synchronous_commit,
    current_setting('timezone') as timezone,
    current_setting('log_statement') as log_statement,
    clock_timestamp() as now,
    coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as tls
from pg_database d
where d.datname = current_database();

-- name: roles
select wanted, r.rolname is not null as there,
    r.rolname is not null and pg_has_role(current_user, r.oid, 'member') as member
from unnest($1::text[]) as wanted
left join pg_roles r on r.rolname = wanted
order by wanted;

-- name: take
select pg_try_advisory_lock($1);

-- name: release
select pg_advisory_unlock($1);

-- name: make
create schema {name};

-- name: table
create table {name}.scratch (place text primary key, said bytea not null);

-- name: rows
insert into {name}.scratch select 'place ' || n, decode(md5(n::text), 'hex') from generate_series(1, 100) as n;
