"""A fold of the log written apart from the pipeline: bytes in, expected rows out, nothing shared with `projections`."""
