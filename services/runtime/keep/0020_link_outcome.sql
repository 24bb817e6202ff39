-- What the rules made of the two events of an approved request: they may refuse what two persons approved.
alter table keep.client_link
    -- `partly` where one of the two ids took it.  Null while that is not known, and of what was published before it
    -- was looked at.
    add column outcome text check (outcome in ('applied', 'partly', 'refused')),
    -- Why it was refused.
    add column code text check (code ~ '^[a-z][a-z0-9-]{0,60}$'),
    add check (outcome is null or published),
    add check ((code is not null) = (outcome in ('partly', 'refused')) or outcome is null and code is null);
