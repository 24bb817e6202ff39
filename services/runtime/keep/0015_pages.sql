-- What people sent from pages: the same form sent again says the same, at the same time.
create table keep.submission (
    initiative text not null,
    partner text not null,
    -- Random, made with the form.
    submission uuid not null,
    -- When it was sent first.
    at timestamptz not null,
    primary key (initiative, partner, submission)
);

create index submission_at on keep.submission (at);

grant select, insert, update, delete on keep.submission to manyhands_gateway;
