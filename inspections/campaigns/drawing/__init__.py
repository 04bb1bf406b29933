"""The draw itself, as values: commitments, quotas, tickets, inspectors, events. Standard library only.

What stands here is what a stranger recomputes from a certificate; `static/draw/` does it twice more.
"""
