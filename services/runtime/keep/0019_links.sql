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

-- Links, mails and requests that ended long ago are let go of, as 0011 does with sessions and the like.
create index given_link_over on keep.given_link (least(revoked, ends));
create index link_session_over on keep.link_session (least(ended, expires));
create index outbox_over on keep.outbox (coalesce(sent, given_up));
create index client_link_expires on keep.client_link (expires) where second_by is null and refused_by is null;

-- Forgets at most so many of one kind, and returns how many; none while somebody else is at it.
create function keep.tidy_links(kind text, most int4) returns int4
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    gone int4;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('keep.tidy_links', 50)) then
        return 0;
    end if;
    case kind
        when 'given_link' then
            -- The log names it where something was said or shown by it, so it stays as long as that is asked about.
            delete from keep.given_link where link in (
                select link from keep.given_link where least(revoked, ends) < now() - interval '3 years'
                order by least(revoked, ends) limit most
            );
        when 'link_session' then
            delete from keep.link_session where sha256 in (
                select sha256 from keep.link_session where least(ended, expires) < now() - interval '90 days'
                order by least(ended, expires) limit most
            );
        when 'outbox' then
            -- A mail with the attempts to send it.  One that still waits stays, however old.
            with over as (
                select mail from keep.outbox where coalesce(sent, given_up) < now() - interval '90 days'
                order by coalesce(sent, given_up) limit most
            )
            delete from keep.delivery where mail in (select mail from over);
            delete from keep.outbox where mail in (
                select mail from keep.outbox where coalesce(sent, given_up) < now() - interval '90 days'
                order by coalesce(sent, given_up) limit most
            ) and not exists (select from keep.delivery d where d.mail = outbox.mail);
        when 'client_link' then
            -- What was decided says who the two persons were: it stays for good.
            delete from keep.client_link where request in (
                select request from keep.client_link
                where second_by is null and refused_by is null and expires < now() - interval '90 days'
                order by expires limit most
            );
    end case;
    get diagnostics gone = row_count;
    return gone;
end
$$;

revoke all on function keep.tidy_links(text, int4) from public;
grant execute on function keep.tidy_links(text, int4) to manyhands_gateway, manyhands_operator;

-- Where partners have their mails sent, and the mails, are for whoever sends them; no other processor reads them.
do $$
begin
    -- As in 0005: whoever migrates runs everything on a small machine, and another database may say so at this moment.
    if not (select rolsuper from pg_roles where rolname = current_user)
        and not pg_has_role(current_user, 'manyhands_notifications', 'member')
    then
        execute format('grant manyhands_notifications to %I', current_user);
    end if;
    -- It reads the feeds and how offers stand, of every initiative, as their processor does.
    if not pg_has_role('manyhands_notifications', 'manyhands_processor', 'member') then
        begin
            grant manyhands_processor to manyhands_notifications;
        exception when unique_violation then
            null;
        end;
    end if;
end
$$;

revoke all on keep.address, keep.given_link, keep.register, keep.released, keep.outbox, keep.delivery, keep.mailed
    from manyhands_processor;
grant select on keep.address, keep.released to manyhands_notifications;
grant insert, select (link) on keep.given_link to manyhands_notifications;
grant select (initiative, subject, record) on keep.register to manyhands_notifications;
grant select, insert, update on keep.outbox, keep.delivery, keep.mailed to manyhands_notifications;
