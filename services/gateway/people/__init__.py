"""People at the HTTP door: who they are, how they sign in, and what lasts from one request to the next."""
