"""The vault in a real PostgreSQL."""
