-- Who signs in at the HTTP door.  What a person may do is on the log; an e-mail address is here and nowhere else.

create table keep.person (
    -- The random id under which the log speaks of this person.
    person uuid primary key,
    initiative text not null,
    partner text not null,
    -- In one spelling: small letters, and the domain as the network knows it.
    email text not null check (email = lower(email)),
    added timestamptz not null default now(),
    -- From then on nobody signs in as this person.
    ended timestamptz
);

create unique index person_email on keep.person (email) where ended is null;
create index person_partner on keep.person (initiative, partner);

-- A sign-in link that was asked for: the secret in it is kept nowhere.
create table keep.link (
    sha256 bytea primary key check (length(sha256) = 32),
    -- The browser that asked, by the hash of its cookie: no other can use the link.
    browser bytea not null check (length(browser) = 32),
    -- Null where nobody is known under the address; nothing was sent then.
    person uuid references keep.person (person),
    asked timestamptz not null default now(),
    expires timestamptz not null,
    used timestamptz
);

create index link_expires on keep.link (expires);

-- A way to an identity provider and back that is under way.
create table keep.handshake (
    sha256 bytea primary key check (length(sha256) = 32),
    browser bytea not null check (length(browser) = 32),
    nonce text not null,
    verifier text not null,
    expires timestamptz not null
);

create index handshake_expires on keep.handshake (expires);

create table keep.session (
    -- Shown where a person looks at their own sessions; worth nothing by itself.
    session uuid primary key default gen_random_uuid(),
    -- Of the cookie's text, which is kept nowhere.
    sha256 bytea not null unique check (length(sha256) = 32),
    person uuid not null references keep.person (person),
    -- The role that the person chose to act in.
    acting text not null default 'staff',
    opened timestamptz not null default now(),
    seen timestamptz not null default now(),
    expires timestamptz not null,
    ended timestamptz
);

create index session_person on keep.session (person);

-- What one person asked for and a second one must approve: a coordinator's role.
create table keep.approval (
    approval uuid primary key default gen_random_uuid(),
    initiative text not null,
    -- Whose person is to hold the role.
    partner text not null,
    person uuid not null,
    asked_by uuid not null,
    asked_at timestamptz not null default now(),
    expires timestamptz not null,
    decided_by uuid,
    decided_at timestamptz,
    approved boolean,
    -- The event's id on the log, once it stands there.
    event uuid,
    check ((decided_by is null) = (decided_at is null) and (decided_by is null) = (approved is null)),
    check (not coalesce(approved, false) or decided_by <> asked_by),
    check (event is null or approved)
);

create index approval_initiative on keep.approval (initiative, asked_at);

grant select on keep.person to manyhands_gateway;
grant select, insert, update, delete on keep.link, keep.handshake to manyhands_gateway;
grant select, insert, update on keep.session, keep.approval to manyhands_gateway;
grant insert on keep.act to manyhands_gateway;
