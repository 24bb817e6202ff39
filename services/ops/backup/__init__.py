"""A copy of what no rebuild makes again, and a deployment brought back from it."""
