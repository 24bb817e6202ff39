"""Tests, in rings by what they need."""
