-- name: begin
-- What a transaction on a read model begins with: its schema, and plans that never scan history for a new event.
-- A crash may lose the last commits, rows and positions together; they are folded again from the log.
begin;
set local search_path = {schema};
set local synchronous_commit = off;
set local enable_seqscan = off;
set local enable_hashjoin = off;
set local enable_mergejoin = off;
set local client_min_messages = warning;

-- name: load
select t.initiative, t.record::text as record, t.id::text as id, t.state
from unnest(
    string_to_array($1, E'\n'), string_to_array($2, E'\n')::{record}[], string_to_array($3, E'\n')::{id}[]
) as wanted (initiative, record, id)
join {table} t using (initiative, record, id);

-- name: stage
create temporary table if not exists {staged} (like {table}) on commit delete rows;

-- name: upsert
insert into {table} ({columns})
select {columns} from {staged}
on conflict ({key}) do update set {assignments};

-- name: erase
update {table} t set {assignments}
from unnest(string_to_array($1, E'\n'), string_to_array($2, E'\n')::{record}[]) as gone (initiative, record)
where t.initiative = gone.initiative and t.record = gone.record;

-- name: savepoint
savepoint half;

-- name: back
rollback to savepoint half;
