-- name: create
-- The state that the next event of this episode is judged by, and nothing to read it by.
create table episode (
    initiative text not null,
    record uuid not null,
    id uuid not null,
    state text not null,
    primary key (initiative, record, id)
) with (fillfactor = 70);
