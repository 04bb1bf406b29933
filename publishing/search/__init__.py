"""Search over the published facts: one file that publishing writes and a blueprint that only reads it."""
