"""What the demonstration shows at its end: one scene a module, each by the ways that real users go."""
