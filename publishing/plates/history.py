"""Everything that became of the plates of a door, and what lies in each print."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from inspections.record.clock import civil_day
from inspections.units.tables import Premises
from publishing.plates.choosing import PlateError
from publishing.plates.findings import FoundAtVisit, found_at_visits
from publishing.plates.forms import FORMS, PrintForm, position_of
from publishing.plates.queries import ended_ids
from publishing.plates.standing import PRINTED, STATE_WORDS, PlateLine, door_names, plate_lines
from publishing.plates.tables import Plate, PlateBatch, PlateBatchPlate, PlateEvent, PlateEventKind

_ENDED = (PlateEventKind.REPLACED, PlateEventKind.WITHDRAWN)


@dataclass(frozen=True)
class Happened:
    """One line of a plate's life."""

    on: date
    kind: str
    word: str
    person: str
    note: str
    recorded_by: str
    is_proposed: bool = False
    """A visit says so and its reviewer has not decided yet."""


@dataclass(frozen=True)
class PlateLife:
    """One plate with everything that became of it, oldest first."""

    issue_no: int
    printed_on: date
    public_url: str
    state: str
    happened: tuple[Happened, ...]

    @property
    def state_word(self) -> str:
        """Where the plate stands, in Chinese."""
        return STATE_WORDS[self.state]

    @property
    def is_in_force(self) -> bool:
        """Whether it is the plate that should hang on the door."""
        return self.state not in {kind.value for kind in _ENDED}


@dataclass(frozen=True)
class BatchLine:
    """One plate of a print, with its place and what it is called today."""

    place: int
    file: int
    page: int
    spot: str
    code: str
    issue_no: int
    name: str
    address: str
    state: str
    person: str

    @property
    def state_word(self) -> str:
        """Where the plate stands, in Chinese."""
        return STATE_WORDS[self.state]


def lives_of_door(session: Session, premises_id: int) -> list[PlateLife]:
    """Every plate of a door, newest first, each with everything that became of it."""
    query = select_rows(Plate).where(Plate.premises_id == premises_id)
    plates = session.exec(query.order_by(col(Plate.issue_no))).all()
    ids = [plate.id or 0 for plate in plates]
    lines: dict[int, list[Happened]] = {id_: [] for id_ in ids}
    for id_, line in (*_printed(session, plates), *_noted(session, ids)):
        lines[id_].append(line)
    for found in found_at_visits(session, premises_id).get(premises_id, ()):
        before = [plate for plate in plates if plate.printed_on <= found.on]
        if before:
            lines[before[-1].id or 0].append(_at_visit(found))
    last = plates[-1].id if plates else None
    lives = [_life(plate, lines[plate.id or 0], is_last=plate.id == last) for plate in plates]
    return lives[::-1]


def _printed(session: Session, plates: Sequence[Plate]) -> Iterator[tuple[int, Happened]]:
    """The first print of each plate and every later one."""
    query = (
        select(col(PlateBatchPlate.plate_id), PlateBatch)
        .join(PlateBatch, col(PlateBatch.id) == col(PlateBatchPlate.batch_id))
        .where(col(PlateBatchPlate.plate_id).in_([plate.id for plate in plates]))
        .order_by(col(PlateBatch.id))
    )
    prints: dict[int, list[PlateBatch]] = {}
    for plate_id, batch in session.execute(query):
        prints.setdefault(plate_id, []).append(batch)
    for plate in plates:
        known = prints.get(plate.id or 0, [])
        # A plate of before there were prints on record was printed without one.
        is_recorded = bool(known) and civil_day(known[0].made_at) == plate.printed_on
        if not is_recorded:
            yield plate.id or 0, Happened(plate.printed_on, PRINTED, "印制", "", "", plate.printed_by)
        for number, batch in enumerate(known):
            note = f"第 {batch.id} 批"
            word = "印制" if is_recorded and number == 0 else "重印"
            yield plate.id or 0, Happened(civil_day(batch.made_at), PRINTED, word, "", note, batch.made_by)


def _noted(session: Session, plate_ids: Sequence[int]) -> Iterator[tuple[int, Happened]]:
    query = select_rows(PlateEvent).where(col(PlateEvent.plate_id).in_(plate_ids))
    for event in session.exec(query.order_by(col(PlateEvent.id))):
        word = STATE_WORDS[event.kind.value].removeprefix("已")
        line = Happened(
            event.happened_on, event.kind.value, word, event.person or "", event.note, event.recorded_by
        )
        yield event.plate_id, line


def _at_visit(found: FoundAtVisit) -> Happened:
    word = STATE_WORDS[found.kind.value].removeprefix("已")
    return Happened(found.on, found.kind.value, word, "", found.words, "", found.is_proposed)


def _life(plate: Plate, lines: list[Happened], *, is_last: bool) -> PlateLife:
    ordered = sorted(lines, key=lambda line: line.on)
    became = [line.kind for line in ordered if line.kind != PRINTED]
    state = became[-1] if became else PRINTED
    if PlateEventKind.WITHDRAWN in became:
        state = PlateEventKind.WITHDRAWN.value
    elif not is_last:
        state = PlateEventKind.REPLACED.value
    return PlateLife(plate.issue_no, plate.printed_on, plate.public_url, state, tuple(ordered))


def batches(session: Session, limit: int = 100) -> Sequence[PlateBatch]:
    """The latest prints, newest first."""
    return session.exec(select_rows(PlateBatch).order_by(col(PlateBatch.id).desc()).limit(limit)).all()


def batch_lines(session: Session, batch: PlateBatch, on: date) -> list[BatchLine]:
    """What lies in a print, with what each door is called today and where its plate stands."""
    query = (
        select(
            col(PlateBatchPlate.place),
            col(Plate.issue_no),
            col(Plate.premises_id),
            col(Premises.code),
            (col(Premises.address) + col(Premises.door_label)).label("whole_address"),
        )
        .join(Plate, col(Plate.id) == col(PlateBatchPlate.plate_id))
        .join(Premises, col(Premises.id) == col(Plate.premises_id))
        .where(col(PlateBatchPlate.batch_id) == batch.id)
        .order_by(col(PlateBatchPlate.place))
    )
    rows = session.execute(query).all()
    form = FORMS[batch.form]
    names = door_names(session, [row.premises_id for row in rows], on)
    stand = {line.premises_id: line for line in plate_lines(session, on, batch_id=batch.id)}
    return [_batch_line(row, form, batch.per_file, names, stand) for row in rows]


def _batch_line(
    row: Any, form: PrintForm, per_file: int, names: Mapping[int, str], stand: Mapping[int, PlateLine]
) -> BatchLine:
    position = position_of(form, row.place, per_file)
    now = stand.get(row.premises_id)
    is_newest = now is not None and now.issue_no == row.issue_no
    return BatchLine(
        place=row.place,
        file=position.file,
        page=position.page,
        spot=position.spot.label,
        code=row.code,
        issue_no=row.issue_no,
        name=names.get(row.premises_id, ""),
        address=row.whole_address,
        state=now.state if now and is_newest else PlateEventKind.REPLACED.value,
        person=now.person if now and is_newest else "",
    )


def batch_of(session: Session, batch_id: int) -> PlateBatch:
    """One print; a refusal names what there is."""
    batch = session.get(PlateBatch, batch_id)
    if batch is None:
        last = session.exec(select_rows(PlateBatch.id).order_by(col(PlateBatch.id).desc()).limit(1)).first()
        cure = f"最近的一批是 {last}" if last else "还没有印过"
        raise PlateError(f"没有第 {batch_id} 批公示牌；{cure}。")
    return batch


def batch_codes(session: Session, batch_id: int) -> list[str]:
    """The doors of a print whose plate in it is still the one in force, in its order."""
    batch = batch_of(session, batch_id)
    query = (
        select(col(Premises.code), col(PlateBatchPlate.plate_id))
        .join(Plate, col(Plate.id) == col(PlateBatchPlate.plate_id))
        .join(Premises, col(Premises.id) == col(Plate.premises_id))
        .where(col(PlateBatchPlate.batch_id) == batch.id)
        .order_by(col(PlateBatchPlate.place))
    )
    rows = session.execute(query).all()
    ended = ended_ids(session, [plate_id for _, plate_id in rows])
    return [code for code, plate_id in rows if plate_id not in ended]
