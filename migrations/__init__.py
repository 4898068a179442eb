"""Alembic's environment: how a database gets from one release's tables to the next's."""
