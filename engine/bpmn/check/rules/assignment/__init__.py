"""Rules about who does it, with which form, in what time."""
