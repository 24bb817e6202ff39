-- A partner that took somebody on may say later by which number of its own it knows them.
grant update (own) on keep.alias to manyhands_admission;

-- Why somebody refused to link two ids, or to take them apart.  Which reasons there are is one table in code.
alter table keep.client_link
    add column reason text check (reason ~ '^[a-z-]{1,40}$'),
    add check (reason is null or refused_by is not null);
