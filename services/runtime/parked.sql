-- name: any
select exists (select from parked where initiative = $1 and record = $2);
