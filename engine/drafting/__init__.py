"""The policy desk: drafts, their check, trial, review and publication."""
