"""The feeds, the outbox and its senders."""
