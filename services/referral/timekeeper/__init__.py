"""The timekeeper: time passing, told to the log as events."""
