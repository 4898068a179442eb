"""Papers of a case: drafts that people edit, final ones with number and hash, set as PDF."""
