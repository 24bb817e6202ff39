"""HTTP: the door for partner systems and people, and where the read models are read."""
