"""The measurement processor and the closing of periods."""
