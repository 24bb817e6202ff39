"""Whatever dies, freezes, comes back or lies, the tables are what the log says, or the fault is noticed."""
