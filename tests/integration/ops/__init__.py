"""The manyhands command and what it runs."""
