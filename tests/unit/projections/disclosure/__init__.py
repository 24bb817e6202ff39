"""Disclosures, without a database."""
