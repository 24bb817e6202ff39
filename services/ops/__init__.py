"""The manyhands command, one file a group."""
