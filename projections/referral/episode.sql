-- name: create
-- Read by partner: whom a programme serves, and who left it.
create table episode (
    initiative text not null,
    record uuid not null,
    id uuid not null,
    state text not null,
    partner text not null,
    programme text not null,
    household_head bool not null,
    enrolled_at timestamptz not null,
    exited_at timestamptz,
    destination text,
    outcome text,
    services int4 not null,
    milestones int4 not null,
    in_error bool not null,
    backfilled bool not null,
    erased bool not null,
    primary key (initiative, record, id)
) with (fillfactor = 70);
create index episode_partner on episode (initiative, partner);
