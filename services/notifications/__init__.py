"""The notifications processor, and how partners' feeds are read."""
