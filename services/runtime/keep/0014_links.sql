-- Ways in without an account, and the mails that lead to them.  Of all this the log knows a link's random name alone.

-- Where a partner has its mails sent.
create table keep.address (
    initiative text not null,
    partner text not null,
    -- In one spelling: small letters, and the domain as the network knows it.
    email text not null check (email = lower(email)),
    -- The partner's person who said so; null where its system or an operator did.
    set_by uuid,
    set_at timestamptz not null default now(),
    primary key (initiative, partner)
);

-- A link that was given to somebody without an account: to one offer, or to what is a client's own.
create table keep.given_link (
    -- Stands in the source of what is said through it, and opens nothing.
    link uuid primary key default gen_random_uuid(),
    -- Of the secret in its address, which is kept nowhere.
    sha256 bytea not null unique check (length(sha256) = 32),
    kind text not null check (kind in ('offer', 'client')),
    initiative text not null,
    -- The client's record key.
    record uuid not null,
    -- Of a link to an offer: which one, and the partner that it was made to.
    partner text,
    referral uuid,
    offer uuid,
    -- Of a client's own: whether a guardian holds it.
    guardian boolean not null default false,
    -- Where codes are sent, as it was registered when the link was made.
    email text not null check (email = lower(email)),
    -- The partner that had it made, and its person; no partner where it was made as an offer arrived.
    made_by text,
    made_by_person uuid,
    made timestamptz not null default now(),
    ends timestamptz not null,
    revoked timestamptz,
    revoked_by text,
    revoked_by_person uuid,
    -- Wrong codes that it still takes, in all of its life.
    tries int2 not null default 5 check (tries between 0 and 5),
    -- A keyed hash of the code that is on its way, and the browser that asked for it by the hash of its cookie.
    code bytea check (length(code) = 32),
    code_browser bytea check (length(code_browser) = 32),
    code_asked timestamptz,
    code_expires timestamptz,
    codes int4 not null default 0,
    check ((kind = 'offer') = (partner is not null and referral is not null and offer is not null)),
    check ((code is null) = (code_browser is null) and (code is null) = (code_expires is null)),
    check (kind = 'client' or not guardian)
);

create index given_link_made_by on keep.given_link (initiative, made_by, made);
create index given_link_partner on keep.given_link (initiative, partner) where partner is not null;
-- An erasure asks for everything that leads to a person.
create index given_link_erased on keep.given_link (initiative, record);

-- What a code opened: short, and only while its link is in force.
create table keep.link_session (
    -- Of the cookie's text, which is kept nowhere.
    sha256 bytea primary key check (length(sha256) = 32),
    link uuid not null references keep.given_link (link) on delete cascade,
    opened timestamptz not null default now(),
    seen timestamptz not null default now(),
    expires timestamptz not null,
    ended timestamptz
);

create index link_session_link on keep.link_session (link);

-- Mails about what reached a partner, written in one transaction with how far its feed was read.
create table keep.outbox (
    -- Stands in the mail, so that one that goes twice is known to be one.
    mail uuid primary key default gen_random_uuid(),
    initiative text not null,
    partner text not null,
    kind text not null check (kind in ('offer-arrived')),
    -- What the partner was told of: the event, by its id on the log, and the offer.
    event uuid not null,
    referral uuid not null,
    offer uuid not null,
    protected boolean not null,
    written timestamptz not null default now(),
    -- Not before this it is tried, or tried again.
    due timestamptz not null default now(),
    attempts int2 not null default 0,
    sent timestamptz,
    given_up timestamptz,
    unique (initiative, event, partner, kind),
    check (sent is null or given_up is null)
);

create index outbox_due on keep.outbox (due) where sent is null and given_up is null;

-- Every attempt to send one: written before it is made, so that none is forgotten.
create table keep.delivery (
    mail uuid not null references keep.outbox (mail),
    attempt int2 not null check (attempt > 0),
    -- Each attempt carries a link of its own, as the secret of the one before it is kept nowhere.
    link uuid references keep.given_link (link) on delete set null,
    began timestamptz not null default now(),
    ended timestamptz,
    -- `sent`, or the type of what went wrong; null while it is under way, or where the process died.
    outcome text check (outcome ~ '^[A-Za-z]{1,60}$'),
    primary key (mail, attempt)
);

-- How far the feeds were read for mails; of partition -1, how far the list of entries that were released later.
create table keep.mailed (
    topic text not null,
    partition int4 not null,
    next_offset int8 not null check (next_offset >= 0),
    primary key (topic, partition)
);

grant select, insert, update, delete on keep.address to manyhands_gateway;
grant select, insert, update on keep.given_link, keep.link_session to manyhands_gateway;
-- Whoever sends mails reads addresses and makes links to what arrived; it reads no link and no session.
grant select on keep.address to manyhands_processor;
grant insert on keep.given_link to manyhands_processor;
grant select (link) on keep.given_link to manyhands_processor;
-- Under which record key a referral stands, as its state says whether it still waits for an answer.
grant select (initiative, subject, record) on keep.register to manyhands_processor;
grant select on keep.released to manyhands_processor;
grant select, insert, update on keep.outbox, keep.delivery, keep.mailed to manyhands_processor;
