-- name: create
-- Who was asked, where the board's row does not say it: each offer of a referral that has several, and an offer to a
-- class as long as anybody of the class may claim it, late too.  It is written when somebody is asked and when a class is
-- asked no longer, and by nothing that happens in between; so whether it is late is told by `respond_by`.
create table asked (
    initiative text not null,
    record uuid not null,
    referral uuid not null,
    offer uuid not null,
    partner text,
    to_class text,
    respond_by timestamptz,
    primary key (initiative, record, referral, offer)
) with (fillfactor = 90);
create index asked_partner on asked (initiative, partner) where partner is not null;
create index asked_class on asked (initiative, to_class, respond_by) where to_class is not null;
