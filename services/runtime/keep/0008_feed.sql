-- Tickets by which a browser opens a live feed without a header or a cookie: once, and soon.
create table keep.ticket (
    -- Of the ticket's text, which is kept nowhere.
    sha256 bytea primary key check (length(sha256) = 32),
    -- Whoever asked for it, as they were known then; the credential is looked at again when it is used.
    kind text not null,
    initiative text not null,
    partner text not null,
    actor uuid,
    scopes text[] not null,
    credential text not null,
    expires timestamptz not null
);

create index ticket_expires on keep.ticket (expires);

grant select, insert, delete on keep.ticket to manyhands_gateway;
