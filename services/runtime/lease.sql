-- name: take
-- It is taken when it is free or was not renewed in time; whoever holds it renews it.
insert into keep.lease as l (work, holder, expires) values ($1, $2, clock_timestamp() + $3)
on conflict (work) do update set holder = excluded.holder, expires = excluded.expires
where l.holder = excluded.holder or l.expires < clock_timestamp()
returning work;

-- name: leave
delete from keep.lease where work = $1 and holder = $2;
