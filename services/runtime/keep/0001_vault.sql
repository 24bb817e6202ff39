-- What no log holds and no rebuild makes again: personal-data keys, aliases, what operators did.

-- Which secrets files belong to this database, so that another folder's are noticed before they are used.
create table keep.secret (
    kind text not null check (kind in ('ids', 'epoch')),
    number integer not null check (number >= 0),
    -- A keyed hash under the secret itself: equal for the same file, and says nothing about it.
    fingerprint bytea not null check (length(fingerprint) = 32),
    -- The epoch whose key wraps new data keys; a row lock on it holds a rotation back.
    current boolean not null,
    primary key (kind, number)
);

create unique index secret_current on keep.secret (kind) where current;

create table keep.client (
    initiative text not null,
    client uuid not null,
    erased boolean not null default false,
    primary key (initiative, client)
);

-- A partner's own name for a client: what the other partners call them, it never learns.
create table keep.alias (
    initiative text not null,
    partner text not null,
    alias uuid not null,
    client uuid not null,
    -- A keyed hash of the partner's own id; null where the alias was granted.
    own bytea check (length(own) = 32),
    primary key (initiative, partner, alias),
    foreign key (initiative, client) references keep.client (initiative, client)
);

create unique index alias_own on keep.alias (initiative, partner, own) where own is not null;
-- A partner has one name for a client at most, so that two grants at once give one.
create unique index alias_client on keep.alias (initiative, partner, client);
-- An erasure asks for the names that all partners have.
create index alias_erased on keep.alias (initiative, client);

-- One key for each owner of sealed text, wrapped by an epoch's key that is in no database.
create table keep.data_key (
    initiative text not null,
    owner uuid not null,
    kid bytea not null check (length(kid) = 16),
    wrapped bytea,
    epoch integer,
    destroyed boolean not null default false,
    primary key (initiative, owner),
    check (destroyed = (wrapped is null) and destroyed = (epoch is null))
);

create index data_key_epoch on keep.data_key (epoch) where not destroyed;

-- Erasures asked for: two persons and a waiting period come before the key is destroyed.
create table keep.erasure (
    certificate uuid primary key,
    initiative text not null,
    client uuid not null,
    -- The partner that asked, at whose wish or the client's own.
    asked_by text not null,
    asked_at timestamptz not null,
    approved_by uuid,
    seconded_by uuid check (seconded_by <> approved_by),
    -- When the waiting period ends; set with the second person.
    due_at timestamptz,
    -- The time that client.erased carries: the same one whenever it is said again.
    begun_at timestamptz,
    -- When client.erased stood on the log and the key was gone.
    done_at timestamptz,
    unique (initiative, client),
    check (seconded_by is null or approved_by is not null),
    check ((seconded_by is null) = (due_at is null)),
    check (begun_at is null or begun_at >= due_at),
    check (done_at is null or begun_at is not null)
);

-- A duty to keep: nobody is erased while one stands.
create table keep.hold (
    initiative text not null,
    client uuid not null,
    placed_by uuid not null,
    placed_at timestamptz not null,
    primary key (initiative, client)
);

-- Which build of each projection is served.
create table keep.active (
    projection text primary key,
    version integer not null check (version > 0),
    build text not null,
    schema text not null
);

-- What operators did, by random ids of persons and codes alone.
create table keep.act (
    act uuid primary key,
    at timestamptz not null,
    person uuid not null,
    approver uuid check (approver <> person),
    code text not null check (code ~ '^[a-z0-9][a-z0-9._-]{0,39}$'),
    initiative text,
    target text not null
);
