-- A partner's own id for a client in full, for that partner alone to be shown again; `own` finds it as before.
alter table keep.alias
    -- Sealed under the client's key for this partner: of one length, and gone with the key.  Null where the partner has
    -- given no id of its own, or has not said it again since this column is there.
    add column own_sealed bytea check (length(own_sealed) = 156),
    add check (own_sealed is null or own is not null);

-- It is filled in when a partner says an id that was kept before there was such a column.
grant update (own_sealed) on keep.alias to manyhands_admission;
