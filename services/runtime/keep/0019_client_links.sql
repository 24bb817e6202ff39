-- Two ids that are said to be one person's, or not any more: what a partner asked for, and the two persons who decide.
create table keep.client_link (
    -- By this everybody speaks of it; it tells nothing of whom it is about.
    request uuid primary key default gen_random_uuid(),
    initiative text not null,
    client uuid not null,
    other uuid not null check (other <> client),
    -- Whether they are to be linked, or unlinked.
    link bool not null,
    -- The partner that asked, which knows both, and its person.
    partner text not null,
    person uuid,
    asked_at timestamptz not null default now(),
    expires timestamptz not null,
    first_by uuid check (first_by <> person),
    second_by uuid check (second_by <> first_by and second_by <> person),
    -- When it had both; the time that the events carry, however often they are said.
    approved_at timestamptz,
    refused_by uuid,
    refused_at timestamptz,
    -- Both events stand on the log.
    published bool not null default false,
    check (second_by is null or first_by is not null),
    check ((second_by is null) = (approved_at is null)),
    check ((refused_by is null) = (refused_at is null)),
    check (refused_by is null or second_by is null),
    check (not published or second_by is not null)
);

create index client_link_asked on keep.client_link (initiative, asked_at);
create index client_link_client on keep.client_link (initiative, partner, client, other);

grant select, insert, update on keep.client_link to manyhands_gateway;
