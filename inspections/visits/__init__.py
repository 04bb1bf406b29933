"""Visits and their findings, released batches, stored results, verdicts and listing proposals."""
