"""The scheduler's work: ticks, due clocks, escalation, repairs."""
