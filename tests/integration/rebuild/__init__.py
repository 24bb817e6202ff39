"""Rebuilding, dumping and looking at builds, on real servers."""
