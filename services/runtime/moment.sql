-- name: within
select set_config('manyhands.initiative', $1, true);
