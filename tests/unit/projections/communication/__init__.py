"""Feeds, without a database."""
