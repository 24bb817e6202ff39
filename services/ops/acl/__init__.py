"""Who may do what at the brokers: the entries that are wanted, those that are there, and what truly happens."""
