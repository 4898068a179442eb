"""A county simulated day by day, and what its clocks must have done, reckoned the slow way."""
