"""Migrations of the Inbox's own database."""
