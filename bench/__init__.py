"""Measurements of the product beside their peers, in one run; `make bench` runs them all."""
