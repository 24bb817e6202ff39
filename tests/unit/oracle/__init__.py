"""The fold written apart from the pipeline, held against it in memory."""
