-- name: begin
with ended as (
    delete from keep.handshake where expires < now()
)
insert into keep.handshake (sha256, browser, nonce, verifier, expires)
values ($1, $2, $3, $4, now() + $5::interval);

-- name: finish
delete from keep.handshake
where sha256 = $1 and browser = $2 and expires > now()
returning nonce, verifier;
