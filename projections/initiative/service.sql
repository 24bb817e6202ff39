-- name: create
create table service (
    initiative text not null,
    record text not null,
    id text not null,
    state text not null,
    partner text not null,
    name text not null,
    accepts_referrals bool not null,
    programme_class text,
    capacity text,
    published_at timestamptz not null,
    primary key (initiative, record, id)
);
