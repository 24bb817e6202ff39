-- name: create
-- What each open offer waits for next; whatever is null has no place in an index.  What is due is read oldest first,
-- apart for history that is still being loaded.  When a partner leaves, what is open there is read, and what it asked
-- and nobody has answered; what ran out stands among that while a late answer is awaited.
create table deadline (
    initiative text not null,
    record uuid not null,
    referral uuid not null,
    offer uuid not null,
    kind text,
    due timestamptz,
    promise int4 not null,
    recipient text,
    sender text,
    sent timestamptz not null,
    backfilled bool not null,
    primary key (initiative, record, referral, offer)
) with (fillfactor = 70);
create index deadline_due on deadline (initiative, backfilled, due, record, referral, offer) where due is not null;
create index deadline_recipient on deadline (initiative, recipient, record, referral, offer)
where recipient is not null;
create index deadline_sender on deadline (initiative, sender, record, referral, offer) where sender is not null;
