"""One admission behind every door: validate, authorise, resolve, seal, publish."""
