-- Under which record key a referral stands and who takes part in it: made again from the log when it is lost.

create table keep.register (
    initiative text not null,
    subject uuid not null,
    -- The client: every event about the subject goes to this key.
    record uuid not null,
    opener text not null,
    -- The partners that an offer was made to.
    participants text[] not null default '{}',
    -- Until an event of it was acknowledged, its opener may open it anew, for another client too.
    published boolean not null default false,
    primary key (initiative, subject)
);
