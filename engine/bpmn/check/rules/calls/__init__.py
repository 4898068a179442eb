"""Rules about call activities."""
