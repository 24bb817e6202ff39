-- name: claim
-- One rebuild of a build at a time; held for as long as the session that asked.
select pg_try_advisory_lock(hashtextextended($1, 20));
