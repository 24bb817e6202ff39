-- What ended long ago is let go of.  Nobody but the operator may delete it by hand: what is in force, and what an audit
-- asks for, is out of reach of whoever calls the function.

alter table keep.token drop constraint token_replaces_fkey;
alter table keep.token add constraint token_replaces_fkey
    foreign key (replaces) references keep.token (prefix) on delete set null;

create index session_over on keep.session (least(ended, expires));
create index token_over on keep.token (least(revoked, expires));
create index token_replaces on keep.token (replaces) where replaces is not null;
create index approval_expires on keep.approval (expires) where approved is null;

-- Forgets at most so many of one kind, and returns how many; none while somebody else is at it.
create function keep.tidy(kind text, most int4) returns int4
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    gone int4;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('keep.tidy', 50)) then
        return 0;
    end if;
    case kind
        when 'session' then
            delete from keep.session where session in (
                select session from keep.session where least(ended, expires) < now() - interval '90 days'
                order by least(ended, expires) limit most
            );
        when 'token' then
            -- Notes of what was done name it by its prefix alone, so it stays as long as those are asked about.
            delete from keep.token where prefix in (
                select prefix from keep.token where least(revoked, expires) < now() - interval '3 years'
                order by least(revoked, expires) limit most
            );
        when 'approval' then
            -- What was decided says who was the second person: it stays for good.
            delete from keep.approval where approval in (
                select approval from keep.approval where approved is null and expires < now() - interval '90 days'
                order by expires limit most
            );
        when 'link' then
            delete from keep.link where sha256 in (
                select sha256 from keep.link where expires < now() - interval '1 day' order by expires limit most
            );
        when 'handshake' then
            delete from keep.handshake where sha256 in (
                select sha256 from keep.handshake where expires < now() - interval '1 day' order by expires limit most
            );
        when 'ticket' then
            delete from keep.ticket where sha256 in (
                select sha256 from keep.ticket where expires < now() - interval '1 day' order by expires limit most
            );
    end case;
    get diagnostics gone = row_count;
    return gone;
end
$$;

revoke all on function keep.tidy(text, int4) from public;
grant execute on function keep.tidy(text, int4) to manyhands_gateway, manyhands_operator;
