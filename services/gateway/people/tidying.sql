-- name: tidy
select keep.tidy($1, $2) as gone;
