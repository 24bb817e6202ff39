"""Ways in without an account: a link to one offer, and a client's own."""
