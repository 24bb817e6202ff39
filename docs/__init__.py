"""The documentation's source: Markdown for people, and what renders it."""
