"""Plates: the QR code, the plate on the wall, its print-ready PDF, and the record of what was printed."""
