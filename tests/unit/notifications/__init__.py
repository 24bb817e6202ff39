"""Feeds as they are read."""
