"""Tests that need Kafka or PostgreSQL."""
