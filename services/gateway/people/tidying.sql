-- name: tidy
select keep.tidy($1, $2) as gone;

-- name: tidy_links
select keep.tidy_links($1, $2) as gone;
