"""Keeping an installation healthy: backup, doctor, vitals."""
