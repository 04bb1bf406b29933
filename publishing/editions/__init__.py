"""Editions of the red and black list: drafts, approvals, publication, withdrawal, history."""
