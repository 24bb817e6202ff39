-- Who may come through the HTTP door.

-- A partner system's token: the secret itself is kept nowhere.
create table keep.token (
    -- Shown in clear wherever the token is spoken of.
    prefix text primary key check (prefix ~ '^[a-z]{8}$'),
    sha256 bytea not null check (length(sha256) = 32),
    initiative text not null,
    partner text not null,
    -- The person on whose behalf it speaks, by random id.
    person uuid,
    scopes text[] not null check (cardinality(scopes) > 0),
    issued timestamptz not null default now(),
    expires timestamptz not null,
    revoked timestamptz,
    -- The token in whose place it came; both are valid for a while.
    replaces text references keep.token (prefix)
);

create index token_partner on keep.token (initiative, partner);

grant select, insert, update on keep.token to manyhands_gateway;
