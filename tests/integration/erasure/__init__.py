"""Erasing a client, over the real log and the real `keep`."""
