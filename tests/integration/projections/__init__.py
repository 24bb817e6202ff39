"""Folding into a real PostgreSQL."""
