-- name: within
-- One initiative's rows of the build that is served as the transaction begins, found by their keys however few
-- of them there are; a plan kept from when a table was small would read all of it later.
select set_config('manyhands.initiative', $2, true),
    set_config('search_path', coalesce(
        (select quote_ident(schema) from keep.active where projection = $1), quote_ident('api_' || $1)
    ), true),
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: position
select next_offset from position where topic = $1 and partition = $2;

-- name: positions
-- Outside of a snapshot: of whichever build is served now.
select topic, partition, next_offset from api_referral.position;

-- name: disclosed
-- The same of the account of disclosures.
select topic, partition, next_offset from api_disclosure.position;
