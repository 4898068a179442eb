"""Rules about decision tables."""
