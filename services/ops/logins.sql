-- name: there
select exists (select from pg_roles where rolname = $1);

-- name: make
-- What is said here is a verifier: the password itself never reaches the server, nor its log.
select format('create role %I login password %L', $1::text, $2::text);

-- name: change
select format('alter role %I login password %L', $1::text, $2::text);

-- name: grant
select format('grant %I to %I', $2::text, $1::text);

-- name: surplus
-- Roles that it was granted and does not need.
select format('revoke %I from %I', r.rolname, $1::text)
from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles l on l.oid = m.member
where l.rolname = $1 and r.rolname <> all($2::text[]);
