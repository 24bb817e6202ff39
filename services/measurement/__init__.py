"""The measurement processor, and how its figures are read."""
