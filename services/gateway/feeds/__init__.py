"""Feeds over HTTP: page by page, and live."""
