"""Two records of one person: a partner asks that they be linked or unlinked, and two persons decide."""
