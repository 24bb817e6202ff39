-- What partners agreed to know a person by: hashes of their keyed tokens, under a key of the house.
create table keep.match (
    initiative text not null,
    token bytea not null check (length(token) = 32),
    client uuid not null,
    primary key (initiative, token, client),
    foreign key (initiative, client) references keep.client (initiative, client)
);

-- An erasure asks for everything that a person is known by.
create index match_erased on keep.match (initiative, client);

grant select, insert on keep.match to manyhands_admission;
