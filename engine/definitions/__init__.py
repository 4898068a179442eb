"""Published versions of processes, tables and forms: reading, comparing, deploying, rollout."""
