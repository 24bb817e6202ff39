"""The disclosure processor, and how the accounting is read."""
