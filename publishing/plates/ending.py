"""What the public may read of a door's plates: which have ended, and which one is in force."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from publishing.plates.queries import chunks
from publishing.plates.tables import Plate, PlateEvent, PlateEventKind
from publishing.public_facts import DoorPlateFacts, EndedPlate

_MOST_TOLD = 5


class _Issue(NamedTuple):
    plate_id: int
    issue_no: int
    printed_on: date


def ended_plates(session: Session, premises_ids: Sequence[int], on: date) -> dict[int, DoorPlateFacts]:
    """For each door with a plate that was withdrawn or replaced by a day: what its page says of it."""
    issues: dict[int, list[_Issue]] = {}
    for part in chunks(premises_ids):
        query = (
            select(col(Plate.premises_id), col(Plate.id), col(Plate.issue_no), col(Plate.printed_on))
            .where(col(Plate.premises_id).in_(part), col(Plate.printed_on) <= on)
            .order_by(col(Plate.issue_no).desc())
        )
        for door, plate_id, issue_no, printed_on in session.execute(query):
            issues.setdefault(door, []).append(_Issue(plate_id or 0, issue_no, printed_on))
    if not issues:
        return {}
    withdrawn, replaced = _ended(session, [one.plate_id for known in issues.values() for one in known], on)
    found = {door: _facts(known, withdrawn, replaced) for door, known in issues.items()}
    return {door: facts for door, facts in found.items() if facts.ended}


def _ended(session: Session, plate_ids: Sequence[int], on: date) -> tuple[dict[int, date], dict[int, date]]:
    """On which day each of these plates was withdrawn, and replaced."""
    days: dict[PlateEventKind, dict[int, date]] = {
        PlateEventKind.WITHDRAWN: {},
        PlateEventKind.REPLACED: {},
    }
    for part in chunks(plate_ids):
        query = select(col(PlateEvent.plate_id), col(PlateEvent.kind), col(PlateEvent.happened_on)).where(
            col(PlateEvent.plate_id).in_(part),
            col(PlateEvent.kind).in_(list(days)),
            col(PlateEvent.happened_on) <= on,
        )
        for plate_id, kind, day in session.execute(query):
            days[PlateEventKind(kind)][plate_id] = day
    return days[PlateEventKind.WITHDRAWN], days[PlateEventKind.REPLACED]


def _facts(issues: Sequence[_Issue], withdrawn: dict[int, date], replaced: dict[int, date]) -> DoorPlateFacts:
    newest = issues[0]
    ended = []
    for number, one in enumerate(issues):
        if one.plate_id in withdrawn:
            ended.append(EndedPlate(one.issue_no, True, withdrawn[one.plate_id]))
        elif number > 0:
            # Plates of before the record of lives ended when the next one was printed.
            ended.append(
                EndedPlate(one.issue_no, False, replaced.get(one.plate_id, issues[number - 1].printed_on))
            )
    is_over = newest.plate_id in withdrawn
    return DoorPlateFacts(
        ended=tuple(ended[:_MOST_TOLD]),
        valid_issue_no=None if is_over else newest.issue_no,
        valid_printed_on=None if is_over else newest.printed_on,
    )
