-- name: create
-- Worklists are read by partner.  No index holds a column that events of most referrals change, so that an
-- update of one touches no index; the room left in each page lets it stay on the page, too.  Those that it does not
-- find by the offer that leads are found by `asked`.
create table referral (
    initiative text not null,
    record uuid not null,
    id uuid not null,
    state text not null,
    status text not null,
    detail text,
    loop text not null,
    sender text not null,
    recipient text,
    to_class text,
    service uuid,
    taxonomy text not null,
    need text not null,
    area text,
    urgency text not null,
    programme text,
    programme_class text,
    protected bool not null,
    requested_at timestamptz not null,
    sent_at timestamptz,
    responded_at timestamptz,
    accepted_at timestamptz,
    started_at timestamptz,
    closed_at timestamptz,
    acknowledged_at timestamptz,
    respond_by timestamptz,
    outcome text,
    reason text,
    offers int2 not null,
    backfilled bool not null,
    erased bool not null,
    primary key (initiative, record, id)
) with (fillfactor = 70);
create index referral_sender on referral (initiative, sender);
create index referral_recipient on referral (initiative, recipient) where recipient is not null;
