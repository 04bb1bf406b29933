"""The public site as static files: gathered facts, rendered pages, atomic writing."""
