"""Personal-data keys and client ids: seal, open, erase, mint, link."""
