"""Rules about events and timers."""
