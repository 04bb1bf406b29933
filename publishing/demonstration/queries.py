"""What the demonstration must look up: whether data is there, units by licence, visits by record."""

from collections.abc import Collection
from datetime import date

from sqlmodel import Session, SQLModel, col, func, select

from inspections.people.tables import Account
from inspections.record.command_line import CLI
from inspections.record.errors import BusyError
from inspections.record.marks import DEMONSTRATION, WrongDirectoryError
from inspections.record.tables import Mark, SettingValue
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from inspections.visits.tables import Visit
from publishing.demonstration.units import Unit
from publishing.editions.tables import Edition, EditionEntry

_TOLD: tuple[type[SQLModel], ...] = (Visit, Edition, EditionEntry)
PROGRESS = "demonstration_progress"
FINISHED = "finished"
SYNTHETIC = "synthetic"


def holds_data(session: Session) -> bool:
    """Whether somebody has begun to work in this database."""
    tables: tuple[type[SQLModel], ...] = (Mark, Account, Premises, SettingValue)
    return any(session.exec(select(table).limit(1)).first() is not None for table in tables)


def begun_on(session: Session) -> date | None:
    """The day on which the demonstration district of this database was begun."""
    mark = session.get(Mark, DEMONSTRATION)
    if mark is None or mark.note == SYNTHETIC:
        return None
    return date.fromisoformat(mark.note)


def refuse_other_data(session: Session) -> None:
    """Stop where the database holds anything but an unfinished or finished demonstration district."""
    if begun_on(session) is None:
        refuse_any_data(session)


def refuse_any_data(session: Session) -> None:
    """Stop where the database is not empty."""
    if holds_data(session):
        raise WrongDirectoryError(
            "这个数据目录里已经有数据，不能再写入演示数据；"
            f"请把 HHB_DATA 指到一个新的空目录，先运行 {CLI} migrate。"
        )


def is_left_alone(session: Session) -> bool:
    """Whether `--if-empty` leaves the database alone: it holds data, and no half-told demonstration."""
    return holds_data(session) and (begun_on(session) is None or steps_done(session) is None)


def steps_done(session: Session) -> int | None:
    """How many steps of the story are in the database; none when it is finished."""
    mark = session.get(Mark, PROGRESS)
    if mark is None:
        return 0
    return None if mark.note == FINISHED else int(mark.note)


def require_turn(session: Session, done: int) -> None:
    """Stop where another process has told more of the story than this one knows: it tells the rest."""
    # Locked on PostgreSQL until the step is committed; SQLite has one writer at a time anyway.
    session.exec(select(Mark).where(Mark.name == PROGRESS).with_for_update()).one()
    if steps_done(session) != done:
        raise BusyError("另一个进程正在写入演示数据，由它写完；请等它结束，不需要处理。")


def note_steps_done(session: Session, count: int | None) -> None:
    """Note, with a step's own transaction, that it is done; none: everything is."""
    mark = session.get_one(Mark, PROGRESS)
    mark.note = FINISHED if count is None else str(count)
    session.add(mark)


class UnitIds:
    """Units of the register by licence number and day: a unit that moves is another one at its new door."""

    def __init__(self, session: Session) -> None:
        query = (
            select(col(UnitVersion.licence_number), col(CateringUnit.from_on), col(CateringUnit.id))
            .join(CateringUnit, col(CateringUnit.id) == col(UnitVersion.unit_id))
            .where(col(UnitVersion.licence_number).is_not(None))
            .distinct()
        )
        self._ids: dict[str, list[tuple[date, int]]] = {}
        for licence, from_on, unit_id in session.exec(query):
            self._ids.setdefault(licence or "", []).append((from_on, unit_id or 0))

    def of(self, unit: Unit) -> list[int]:
        """Every unit of the register that a licence has been: one more for each move."""
        return [unit_id for _, unit_id in self._ids.get(unit.row.licence_number or "", [])]

    def on(self, licence_number: str | None, day: date) -> int:
        """The unit that held a licence on a day."""
        held = sorted(self._ids[licence_number or ""])
        return next((unit_id for from_on, unit_id in reversed(held) if from_on <= day), held[0][1])


def visit_ids(session: Session, record_keys: Collection[str]) -> dict[str, int]:
    """Visits by the number of their record."""
    query = select(Visit.record_key, Visit.id).where(col(Visit.record_key).in_(record_keys))
    return {key: visit_id or 0 for key, visit_id in session.exec(query)}


def told(session: Session) -> tuple[int, int, int]:
    """How many visits, editions and entries have been told of."""
    counts = [session.exec(select(func.count()).select_from(table)).one() for table in _TOLD]
    return counts[0], counts[1], counts[2]
