"""What it amounts to: states, rules and views folded from events."""
