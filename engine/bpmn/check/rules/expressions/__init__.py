"""Rules about expressions and variables."""
