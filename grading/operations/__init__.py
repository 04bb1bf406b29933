"""The generic operations that rulebooks combine; importing this registers all of them."""

from grading.operations import history, numbers, order, tables, tallies
from grading.operations.registry import OPERATIONS

__all__ = ["OPERATIONS", "history", "numbers", "order", "tables", "tallies"]
