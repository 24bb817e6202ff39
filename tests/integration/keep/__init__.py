"""The schema `keep` in a real PostgreSQL."""
