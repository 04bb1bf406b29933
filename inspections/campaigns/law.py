"""Numbers of the law that planning needs: read from the stored rulebook of Order 49, never written here."""

from datetime import date

from sqlmodel import Session

from inspections.rulebooks.queries import Shelf, newest_rulebook

ORDER_49 = "order49-2022"


def months_of(session: Session, cell: str, on: date) -> int | None:
    """A number of months in force on a day; none where the rulebook does not know it."""
    known = newest_rulebook(session, ORDER_49).rulebook.cells.get(cell)
    entry = known.on(on) if known is not None else None
    return int(str(entry.value)) if entry is not None and entry.value is not None else None


def months_to_next_visit(shelf: Shelf, unit_type: str, grade: str | None, on: date) -> int | None:
    """The longest time between two visits of a unit of this grade; none where no rule says it."""
    scheme = shelf.scheme_for("grade", unit_type, on)
    if scheme is None or grade is None:
        return None
    cell = shelf.rulebook(scheme).cells.get("months_to_next_visit")
    entry = cell.on(on) if cell is not None else None
    value = entry.value if entry is not None else None
    months = value.get(grade) if isinstance(value, dict) else None
    return int(str(months)) if months is not None else None
