"""Rules about scenarios."""
