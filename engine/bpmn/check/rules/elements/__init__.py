"""Rules about elements."""
