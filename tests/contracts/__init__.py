"""One suite a port, run against everything that fills it."""
