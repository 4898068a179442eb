"""Work on what strangers sent, in child processes with limits: pure plumbing, no policy."""
