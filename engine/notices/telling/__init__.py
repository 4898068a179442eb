"""Telling citizens where their case stands: whom, by which way, and its outcome."""
