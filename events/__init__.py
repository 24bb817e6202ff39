"""What partners can say: pure, frozen models."""
