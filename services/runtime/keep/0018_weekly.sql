-- The weekly mail that asks whether what the directory says of a partner's room still holds, and what was answered.

-- A week of an initiative that was begun: whoever writes the row writes its mails, so that each is written once.
create table keep.weekly_round (
    initiative text not null,
    -- Its Monday, by the initiative's calendar.
    week date not null,
    begun timestamptz not null,
    primary key (initiative, week)
);

create table keep.weekly_mail (
    -- Stands in the mail, so that one that goes twice is known to be one.
    mail uuid primary key default gen_random_uuid(),
    initiative text not null,
    week date not null,
    partner text not null,
    -- What its links speak of, and nothing else.
    services text[] not null check (cardinality(services) > 0),
    -- What was said of a service since then needs no answer.
    written timestamptz not null,
    -- Not before this it is tried, or tried again.
    due timestamptz not null default now(),
    attempts int2 not null default 0,
    sent timestamptz,
    given_up timestamptz,
    unique (initiative, week, partner),
    foreign key (initiative, week) references keep.weekly_round (initiative, week) on delete cascade,
    check (sent is null or given_up is null)
);

create index weekly_mail_due on keep.weekly_mail (due) where sent is null and given_up is null;

-- Every attempt to send one, written before it is made, with the link that it carries.
create table keep.weekly_link (
    -- Of the secret in its address, which is kept nowhere.
    sha256 bytea primary key check (length(sha256) = 32),
    mail uuid not null references keep.weekly_mail (mail) on delete cascade,
    attempt int2 not null check (attempt > 0),
    -- Where the mail went: with another address, or none, the link is worth nothing.
    email text not null check (email = lower(email)),
    ends timestamptz not null,
    began timestamptz not null default now(),
    ended timestamptz,
    -- `sent`, or the type of what went wrong; null while it is under way, or where the process died.
    outcome text check (outcome ~ '^[A-Za-z]{1,60}$'),
    unique (mail, attempt)
);

-- What was answered, kept before it is published: said again it is the same events at the same time.
create table keep.weekly_answer (
    mail uuid not null references keep.weekly_mail (mail) on delete cascade,
    -- A hash of what was shown and pressed, or typed.
    answer bytea not null check (length(answer) = 32),
    at timestamptz not null,
    -- The data of each event.
    said jsonb not null,
    -- When all of it stood on the log and was applied.
    published timestamptz,
    primary key (mail, answer)
);

-- Deleting a week takes its mails, links and answers with it.
grant select, insert, delete on keep.weekly_round to manyhands_notifications;
grant select, insert, update on keep.weekly_mail to manyhands_notifications;
-- Whoever sends makes links and reads none.
grant insert, select (mail, attempt, email), update (ended, outcome) on keep.weekly_link to manyhands_notifications;
grant select on keep.weekly_mail, keep.weekly_link to manyhands_gateway;
grant select, insert, update on keep.weekly_answer to manyhands_gateway;
