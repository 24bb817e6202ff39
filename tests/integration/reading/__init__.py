"""Figures and feeds as they are read out of PostgreSQL."""
