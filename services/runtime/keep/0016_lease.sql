-- Work that one process at a time does: whoever holds its row, until then.
create table keep.lease (
    work text primary key,
    -- Drawn by the process when it starts.
    holder uuid not null,
    -- By this server's clock alone: those of the machines may differ.
    expires timestamptz not null
);

grant select, insert, update, delete on keep.lease to manyhands_admission;
