-- Since when a secret is in use; the age of one that was in use before is counted from here on.
alter table keep.secret add column since timestamptz not null default now();
