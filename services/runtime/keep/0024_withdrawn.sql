-- A link to an offer that was taken back does not come back with the next mail about it.

-- Whether one of the partner's links to the offer was taken back, and none was given by somebody since.  That the
-- partner itself has its mails sent elsewhere takes back what went to the address before, and is no word about the
-- offer.  Whoever sends mails learns this and reads no link.
create function keep.is_link_withdrawn(of_initiative text, of_partner text, of_offer uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with given as (
        select g.made, g.made_by, g.revoked,
            g.revoked_by is distinct from g.partner or g.revoked > coalesce(a.set_at, '-infinity') as is_meant
        from keep.given_link g
        left join keep.address a on a.initiative = g.initiative and a.partner = g.partner
        where g.offer = of_offer and g.initiative = of_initiative and g.partner = of_partner
    ), taken as (
        select max(revoked) as at from given where is_meant
    )
    select taken.at is not null and not exists (
        select from given where given.made_by is not null and given.made > taken.at
    )
    from taken
$$;

revoke all on function keep.is_link_withdrawn(text, text, uuid) from public;
grant execute on function keep.is_link_withdrawn(text, text, uuid) to manyhands_notifications;

create index given_link_offer on keep.given_link (offer) where offer is not null;
