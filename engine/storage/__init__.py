"""The only transactions and the only commit; rows that wait for it, counters, case numbers."""
