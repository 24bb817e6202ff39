"""Taking back a batch that was sent by mistake, by the events that fit how things stand now."""
