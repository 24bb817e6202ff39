"""Once a week each partner is asked by mail whether what the directory says of its room still holds."""
