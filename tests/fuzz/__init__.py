"""The gateway as a process of its own, asked what nobody should ask."""
