-- Who may touch what.  A later migration grants what it makes itself, table by table; what it does not grant, only
-- the operator's role can touch.

do $$
declare
    here text := current_database();
    member text;
begin
    -- Whoever migrates runs everything on a small machine, and so needs every role.
    if not (select rolsuper from pg_roles where rolname = current_user) then
        foreach member in array array[
            'manyhands_gateway', 'manyhands_admission', 'manyhands_processor', 'manyhands_operator'
        ] loop
            if not pg_has_role(current_user, member, 'member') then
                execute format('grant %I to %I', member, current_user);
            end if;
        end loop;
    end if;
    -- Read models are schemas that their processor makes; rows pass through temporary tables.
    execute format('grant create, temporary on database %I to manyhands_processor', here);
    -- The operator does with a read model what its processor does, and sees all of its rows.  Roles belong to the
    -- server: another database's migration may have said so at the same moment.
    if not pg_has_role('manyhands_operator', 'manyhands_processor', 'member') then
        begin
            grant manyhands_processor to manyhands_operator;
        exception when unique_violation then
            null;
        end;
    end if;
end
$$;

grant usage on schema keep to manyhands_gateway, manyhands_admission, manyhands_processor, manyhands_operator;
grant select on keep.migration to manyhands_gateway, manyhands_admission, manyhands_processor, manyhands_operator;
grant select on keep.active to manyhands_gateway, manyhands_admission, manyhands_processor;
-- The first build that runs is served; which one is served later is the operator's to say.
grant insert on keep.active to manyhands_processor;

-- The vault and the register work within admission.  It destroys no key and no alias: that is the operator's.
-- (Updates of a secret or a client are never made: a lock on the row asks for the right.)
grant select, insert, update on keep.secret, keep.client to manyhands_admission;
grant select, insert on keep.alias, keep.data_key to manyhands_admission;
grant select, insert, update on keep.register to manyhands_admission;

grant select, insert, update, delete on all tables in schema keep to manyhands_operator;
alter default privileges in schema keep grant select, insert, update, delete on tables to manyhands_operator;

-- A build's tables show the gateway the rows of one initiative, the one that its transaction named, and the positions.
-- A table that names no initiative shows it none.
create function keep.guard(build text) returns void language plpgsql as $$
declare
    made record;
begin
    execute format('grant usage on schema %I to manyhands_gateway', build);
    execute format('grant select on all tables in schema %I to manyhands_gateway', build);
    for made in
        select c.relname as name, exists (
            select from pg_attribute a where a.attrelid = c.oid and a.attname = 'initiative' and not a.attisdropped
        ) as scoped
        from pg_class c
        where c.relnamespace = to_regnamespace(build) and c.relkind = 'r'
    loop
        execute format('alter table %I.%I enable row level security', build, made.name);
        if made.scoped then
            execute format(
                'create policy initiative on %I.%I for select to manyhands_gateway '
                'using (initiative = current_setting(''manyhands.initiative'', true))',
                build, made.name
            );
        elsif made.name = 'position' then
            execute format('create policy everybody on %I.position for select to manyhands_gateway using (true)', build);
        end if;
    end loop;
end
$$;

-- Builds that were made before there were roles.
do $$
declare
    build record;
    made record;
begin
    for build in select nspname as name from pg_namespace where nspname ~ '^(rm|api)_' loop
        execute format('alter schema %I owner to manyhands_processor', build.name);
        for made in
            select relname as name from pg_class
            where relnamespace = to_regnamespace(build.name) and relkind in ('r', 'v')
        loop
            execute format('alter table %I.%I owner to manyhands_processor', build.name, made.name);
        end loop;
        if build.name like 'rm%' then
            perform keep.guard(build.name);
        else
            execute format('grant usage on schema %I to manyhands_gateway', build.name);
            execute format('grant select on all tables in schema %I to manyhands_gateway', build.name);
        end if;
    end loop;
end
$$;
