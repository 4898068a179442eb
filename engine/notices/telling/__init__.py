"""Telling citizens where their case stands: whom, by which way, and what became of it."""
