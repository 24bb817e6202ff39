"""Figures as they are read."""
