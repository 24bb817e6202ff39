-- Feed entries that came to be shown when readers were past their place on the log, because a view could not take
-- them at first: the place at which readers come to each instead.
create table keep.released (
    initiative text not null,
    partner text not null,
    partition int4 not null,
    -- The entry's own place, which the read model has, whoever builds it.
    record_offset int8 not null,
    ordinal int2 not null,
    -- The place that counts: behind the last record folded when it was released, and in the order of releases.
    behind int8 not null check (behind >= record_offset),
    number int4 not null check (number > 10000),
    -- The partition's clock there.
    told timestamptz not null,
    primary key (initiative, partner, partition, record_offset, ordinal)
);

create unique index released_place on keep.released (initiative, partner, partition, behind, number);
-- Whoever reads live looks at the last one again and again.
create unique index released_number on keep.released (number);

grant select on keep.released to manyhands_gateway;
