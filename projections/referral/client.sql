-- name: create
create table client (
    initiative text not null,
    record uuid not null,
    id uuid not null,
    state text not null,
    registered_by text not null,
    registered_at timestamptz not null,
    consents int2 not null,
    open_offers int2 not null,
    backfilled bool not null,
    erased bool not null,
    primary key (initiative, record, id)
) with (fillfactor = 70);
