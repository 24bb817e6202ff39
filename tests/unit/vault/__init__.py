"""The vault without a database: sealing, wrapping, secrets files, the cache of keys."""
