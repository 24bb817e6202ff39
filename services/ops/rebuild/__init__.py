"""A projection folded from the log again, beside the one that is served, and held against it."""
