-- More than offers that arrived is mailed.  Which kinds are is one table in code; the feed names them.
alter table keep.outbox drop constraint outbox_kind_check;
alter table keep.outbox add constraint outbox_kind_check check (kind ~ '^[a-z-]{1,40}$');
-- What waits for the same partner and is worded alike goes as one mail.
create index outbox_alike on keep.outbox (initiative, partner, kind) where sent is null and given_up is null;
