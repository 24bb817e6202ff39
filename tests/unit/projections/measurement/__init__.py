"""Figures, without a database."""
