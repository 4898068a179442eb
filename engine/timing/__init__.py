"""Clocks, limits and calendars of cases, and the rows that say when they are due."""
