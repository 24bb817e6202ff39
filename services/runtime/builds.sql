-- name: known
select to_regclass('keep.active') is not null;

-- name: active
select schema from keep.active where projection = $1;

-- name: activate
insert into keep.active (projection, version, build, schema) values ($1, $2, $3, $4)
on conflict (projection) do nothing;
