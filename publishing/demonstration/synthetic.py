"""Many made-up units and visits, to measure with: cheap to make, plausible in size and variety."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Engine

from grading.checklist import Checklist
from inspections.record.audit import write_audit
from inspections.record.clock import civil_day
from inspections.record.database import transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.settings import set_setting
from inspections.rulebooks.queries import newest_checklist, shelf_of
from inspections.rulebooks.service import load_seeds
from inspections.units.codes import new_codes
from inspections.units.importing import load_units
from inspections.units.register_file import UnitRow
from inspections.visits.service import NewVisit, release_batch, store_visits
from inspections.visits.tables import VisitKind
from publishing.demonstration.chance import Chance
from publishing.demonstration.days import months_back, workdays
from publishing.demonstration.numbers import credit_code, licence_number
from publishing.demonstration.population import valid_until
from publishing.demonstration.queries import SYNTHETIC, refuse_any_data
from publishing.demonstration.staff import DEMONSTRATION_BEGUN, PROGRAM, bureau_settings
from publishing.demonstration.words import DemonstrationError, Trade, district_words, name_lists, trades

CHECKLIST_30 = "cn-catering-2016-1-3"
_SEED = "合成"
_SHEETS = 2_000
_ROOMS = 250
_MONTHS = 24
_VISITS_IN_ONE_TRANSACTION = 100_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SyntheticSummary:
    """How much a seeding wrote."""

    units: int
    visits: int


@dataclass(frozen=True)
class _FilledSheet:
    answers: str
    result: str | None


def seed_synthetic(
    engine: Engine, *, units: int, visits_each: int = 5, now: datetime, progress: Progress | None = None
) -> SyntheticSummary:
    """Fill an empty database with many units and released visits; nothing is graded or published.

    A seeding that was killed leaves a marked directory behind that is refused: it is to be thrown away.
    """
    on = civil_day(now)
    first_day = months_back(on, _MONTHS)
    with transaction(engine) as session:
        refuse_any_data(session)
        fields = {"on": on.isoformat(), "kind": SYNTHETIC}
        write_audit(session, DEMONSTRATION_BEGUN, actor=PROGRAM, now=now, fields=fields)
        load_seeds(session, actor=PROGRAM, now=now)
        for key, value in bureau_settings(None).items():
            set_setting(session, key=key, value=value, from_on=first_day, actor=PROGRAM, now=now)
        # From the mark on, nobody gives the made-up bureau another name.
        set_mark(session, DEMONSTRATION, now=now, note=SYNTHETIC)
        rows = list(synthetic_units(units, first_day))
        loaded = load_units(
            session,
            rows,
            on=first_day,
            now=datetime.combine(first_day, time(0), UTC),
            actor=PROGRAM,
            file_name=f"合成名册 {units}",
            file_sha256="",
            make_codes=lambda count, taken: new_codes(count, taken, Chance(_SEED, "codes").octets),
        )
    total = units * (1 + visits_each)
    _tell(progress, units, total)
    _store(engine, [unit_id or 0 for unit_id in loaded.ids], visits_each, on=on, now=now, progress=progress)
    return SyntheticSummary(units, units * visits_each)


def synthetic_units(count: int, first_day: date) -> Iterator[UnitRow]:
    """Rows for `count` units, each at a door of its own, all open since before the first day."""
    chance = Chance(_SEED, "units")
    kinds = [trade for trade in trades() for _ in range(trade.count)]
    roads = [(street.name, road) for street in district_words().streets for road in street.roads]
    cores = name_lists()["elegant"]
    for index in range(count):
        trade = kinds[chance.below(len(kinds))]
        street, road = roads[index % len(roads)]
        number, room = divmod(index // len(roads), _ROOMS)
        opened_on = first_day - timedelta(days=30 + index % 900)
        name = f"{cores[chance.below(len(cores))]}{_KIND_WORDS[trade.unit_type]}{index + 1}号店"
        yield _row(trade, name, street, f"{street}{road}{number + 1}号-{room + 1}", index, opened_on, chance)


def synthetic_visits(
    unit_ids: Sequence[int], visits_each: int, sheets: Sequence[_FilledSheet], *, version_id: int, on: date
) -> Iterator[NewVisit]:
    """`visits_each` visits of every unit, spread over two years."""
    # Seeded by the first unit: a part gives the same visits whether or not another came before it.
    chance = Chance(_SEED, "visits", unit_ids[0] if unit_ids else 0)
    days = workdays(months_back(on, _MONTHS), on - timedelta(days=1))
    slot = len(days) // max(visits_each, 1)
    for unit_id in unit_ids:
        for turn in range(visits_each):
            sheet = sheets[chance.below(len(sheets))]
            day = days[turn * slot + chance.below(slot)]
            yield NewVisit(
                record_key=f"SYN-{unit_id:06}-{turn + 1}",
                unit_id=unit_id,
                visited_on=day,
                kind=VisitKind.DAILY,
                checklist_version_id=version_id,
                answers=sheet.answers,
                decided_result=sheet.result,
            )


_KIND_WORDS = {
    "restaurant": "餐馆",
    "fast_food": "快餐",
    "snack_shop": "小吃",
    "drink_shop": "茶饮",
}


def _row(
    trade: Trade, name: str, street: str, address: str, index: int, opened_on: date, chance: Chance
) -> UnitRow:
    return UnitRow(
        licence_name=f"示范区{name}",
        address=address,
        street=street,
        unit_type=trade.unit_type,
        licence_number=licence_number(2, index),
        credit_code=credit_code("92", index),
        sign_name=name,
        holder_is_natural_person=False,
        area_m2=Decimal(min(chance.between(*trade.area), chance.between(*trade.area))),
        seats=trade.seats[0],
        food_categories=",".join(trade.categories),
        licence_from_on=opened_on,
        licence_until_on=valid_until(opened_on),
        online_ordering=index % 3 == 0,
        from_on=opened_on,
    )


def _sheets(items: Checklist, suggest: Callable[[str], str | None]) -> list[_FilledSheet]:
    """Filled checklists to deal out: most without a problem, some with several."""
    chance = Chance(_SEED, "sheets")
    sheets = []
    for _ in range(_SHEETS):
        letters = ["P"] * len(items.items)
        for _ in range(chance.weighted((0, 1, 3, 6), (58, 26, 12, 4))):
            letters[chance.below(len(letters))] = chance.weighted("HSN", (6, 1, 2))
        answers = "".join(letters)
        sheets.append(_FilledSheet(answers, suggest(answers)))
    return sheets


def _store(
    engine: Engine,
    unit_ids: Sequence[int],
    visits_each: int,
    *,
    on: date,
    now: datetime,
    progress: Progress | None,
) -> None:
    with transaction(engine) as session:
        stored = newest_checklist(session, CHECKLIST_30)
        shelf = shelf_of(session)
    scheme = shelf.scheme_for("result", "restaurant", on)
    if scheme is None:
        raise DemonstrationError("演示环境没有检查结果的规则；请检查 seeds/rulebooks/holdings.yaml。")
    rules = shelf.rules(scheme, on)
    sheets = _sheets(stored.checklist, lambda answers: rules.suggest(stored.checklist, answers).value)
    in_one = max(1, _VISITS_IN_ONE_TRANSACTION // max(visits_each, 1))
    for start in range(0, len(unit_ids) if visits_each else 0, in_one):
        part = unit_ids[start : start + in_one]
        visits = synthetic_visits(part, visits_each, sheets, version_id=stored.version_id, on=on)
        with transaction(engine) as session:
            batch = store_visits(session, visits, actor=PROGRAM, now=now, file_name="合成检查记录")
            if batch.batch_id is not None:
                release_batch(session, batch.batch_id, actor=PROGRAM, now=now)
        done = len(unit_ids) + (start + len(part)) * visits_each
        _tell(progress, done, len(unit_ids) * (1 + visits_each))


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
