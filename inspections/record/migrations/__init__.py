"""Alembic's environment and the versions of the schema; a shipped version is never edited."""
