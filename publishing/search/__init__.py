"""The search file of published facts and the read-only pages over it."""
