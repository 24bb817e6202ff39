-- name: within
-- The transaction keeps to this initiative's rows and, if it reads a projection's views, to the build that is served
-- as it begins: the views may come to show another build in the middle of it.
select set_config('manyhands.initiative', $1, true), set_config('search_path', coalesce(
    (select schema from keep.active where 'api_' || projection = current_setting('search_path')),
    current_setting('search_path')
), true);
