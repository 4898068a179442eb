"""Papers that the system makes of a case."""
