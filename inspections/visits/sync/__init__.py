"""Visits as tablets make them: changes that merge in any order, photos, signatures, documents."""
