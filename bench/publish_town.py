"""A made-up district for the publishing bench: real tables and grading, names and findings of real length."""

import random  # noqa: TID251  # a seeded generator: every run publishes the same data
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, open_database, table_of, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.migrate import migrate
from inspections.record.settings import set_setting
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import load_seeds
from inspections.units.codes import new_codes
from inspections.units.tables import CateringUnit, OpenKitchenForm, Premises, SearchKey, UnitVersion
from inspections.visits.grading_run import grade_units
from inspections.visits.tables import Finding, Visit, VisitBatch, VisitKind

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
CHECKLIST = "cn-catering-2016-1-3"
VISITS_EACH = 5
SEED = 20261124
SETTINGS = {
    "authority": "示范区市场监督管理局（演示）",
    "site_title": "示范区餐饮安全公示",
    "contact": "示范区示范路 1 号，工作日 9:00-17:00",
    "complaint_line": "12315",
    "public_address": "https://canyin.example.cn",
    "red_term_days": "180",
    "black_term_days": "90",
    "results_shown_days": "730",
    "grade_is_public": "yes",
}
_SIGNS = "福满源鑫香聚和顺德庆丰祥瑞老津味小南北东西城街口"
_TRADES = ("饺子馆", "面馆", "火锅店", "烧烤店", "小吃店", "快餐店", "饭庄", "茶饮店", "海鲜酒楼")
_TYPES = ("restaurant", "fast_food", "snack_shop", "drink_shop", "canteen", "school_canteen")
_FORMS = tuple(OpenKitchenForm)
_NOTES = (
    "",
    "操作间地面有积水，垃圾桶未加盖",
    "冰箱内生熟食品混放",
    "两名从业人员健康证明过期",
    "餐饮具未按规定保洁存放",
)
_PARENTS_FIRST = (Premises, CateringUnit, UnitVersion, SearchKey, Visit, Finding)
_RESULTS = ("compliant", "basically_compliant", "non_compliant")


def fill(database: Path, units: int) -> None:
    """Make a district of so many units with their visits, graded, nothing published yet."""
    engine = open_database(f"sqlite:///{database}")
    migrate(engine)
    rng = random.Random(SEED)  # noqa: S311  # made-up data
    with transaction(engine) as session:
        load_seeds(session, actor="bench", now=NOW)
        for key, value in SETTINGS.items():
            set_setting(session, key=key, value=value, from_on=date(2020, 1, 1), actor="bench", now=NOW)
        # Last: from the mark on, nobody gives the made-up bureau another name.
        set_mark(session, DEMONSTRATION, now=NOW)
        version_id = newest_checklist(session, CHECKLIST).version_id
        insert_rows(session, table_of(VisitBatch), [_batch(units)])
    codes = [item.code for item in _items(engine)]
    _insert(engine, _register(units, rng))
    _insert(engine, _visits(units, version_id, codes, rng))
    grade_units(engine, on=ON, now=NOW)
    with transaction(engine) as session:
        session.connection().exec_driver_sql("DELETE FROM changes")
    engine.dispose()


def change(engine: Engine, ids: list[int], round_number: int) -> None:
    """Change units as a working day does: half get another sign, half another licence term."""
    with transaction(engine) as session:
        for place, id_ in enumerate(ids):
            values = {"sign_name": f"换牌{round_number}号{id_}店"}
            if place % 2:
                values = {"licence_until_on": ON + timedelta(days=400 + round_number)}  # type: ignore[dict-item]
            _change_version(session, id_, values)
        note_changes(session, Subject.PREMISES, ids)


def _change_version(session: Session, id_: int, values: dict[str, Any]) -> None:
    table = table_of(UnitVersion)
    session.connection().execute(table.update().where(table.c.unit_id == id_).values(**values))


def _items(engine: Engine) -> tuple[Any, ...]:
    with transaction(engine) as session:
        return newest_checklist(session, CHECKLIST).checklist.items


def _batch(units: int) -> dict[str, Any]:
    return {
        "id": 1,
        "received_at": NOW,
        "visits": units * VISITS_EACH,
        "released_at": NOW,
        "released_by": "bench",
        "source": "",
    }


def _insert(engine: Engine, rows: Iterator[tuple[Any, dict[str, Any]]]) -> None:
    while part := list(islice(rows, 40_000)):
        by_table: dict[Any, list[dict[str, Any]]] = {}
        for model, row in part:
            by_table.setdefault(model, []).append(row)
        with transaction(engine) as session:
            for model in _PARENTS_FIRST:
                insert_rows(session, table_of(model), by_table.get(model, []))


def _register(units: int, rng: random.Random) -> Iterator[tuple[Any, dict[str, Any]]]:
    for id_, code in enumerate(new_codes(units), start=1):
        name = "".join(rng.choices(_SIGNS, k=3)) + rng.choice(_TRADES)
        street = f"第{id_ % 16 + 1}街镇"
        address = f"{street}学府路{rng.randrange(1, 400)}号{id_}门"
        first = date(2019, 1, 1) + timedelta(days=rng.randrange(2000))
        door = {"id": id_, "code": code, "address": address, "door_label": "", "door_key": address}
        yield Premises, {**door, "street": street}
        yield CateringUnit, {"id": id_, "premises_id": id_, "from_on": first}
        version = {
            "unit_id": id_,
            "from_on": first,
            "recorded_at": NOW,
            "row_hash": str(id_),
            "licence_number": f"JY2120111{9_900_000 + id_:08}"[:16],
            "licence_name": f"示范区{name}餐饮服务有限公司",
            "sign_name": name,
            "holder_is_natural_person": id_ % 3 == 0,
            "unit_type": rng.choice(_TYPES),
            "area_m2": rng.randrange(10, 3000),
            "seats": rng.randrange(0, 300),
            "licence_from_on": first,
            "licence_until_on": ON + timedelta(days=rng.randrange(5, 1500)),
            "open_kitchen": rng.choice(_FORMS),
            "open_kitchen_checked_on": ON - timedelta(days=rng.randrange(600)),
        }
        yield UnitVersion, version
        yield (
            SearchKey,
            {"unit_id": id_, "source": name, "pinyin": "fumanyuanjiaoziguan", "initials": "fmyjzg"},
        )


def _visits(
    units: int, version_id: int, codes: list[str], rng: random.Random
) -> Iterator[tuple[Any, dict[str, Any]]]:
    for id_ in range(1, units * VISITS_EACH + 1):
        letters = rng.choices("PNF", (86, 7, 7), k=len(codes))
        yield (
            Visit,
            {
                "id": id_,
                "record_key": f"b{id_}",
                "unit_id": (id_ - 1) % units + 1,
                "visited_on": ON - timedelta(days=700 - id_ * 690 // (units * VISITS_EACH)),
                "kind": VisitKind.CAMPAIGN if rng.random() < 0.02 else VisitKind.DAILY,
                "checklist_version_id": version_id,
                "answers": "".join(letters),
                "decided_result": rng.choices(_RESULTS, (70, 24, 6))[0],
                "is_current": True,
                "batch_id": 1,
                "row_hash": str(id_),
            },
        )
        for code, letter in zip(codes, letters, strict=True):
            if letter == "F":
                note = rng.choice(_NOTES)
                yield Finding, {"visit_id": id_, "item_code": code, "note": note, "corrected_on_spot": None}
