"""Promises of a bureau's own server."""
