"""Stored versions of rulebooks and checklists, values a bureau enters, which holds for whom."""
