"""A small town of units with visits, and a reform of its rules."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from inspections.record.database import transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.files import SEEDS
from inspections.visits.tables import VisitKind
from tests.bureau import DUMPLINGS, add_units, add_visit

REFORM_ON = date(2027, 1, 1)
CHAIN = "示范连锁餐饮管理有限公司"
_ENTRY = """      2027-01-01:
        basis: assumed
        text: demo
        value:
"""
REFORM = {
    "result_rule": """          - {is: non_compliant, when: {other_failed: {from: 9}}}
          - {is: basically_compliant, when: {other_failed: {from: 1}}}
          - {is: compliant}
""",
    "grade_matrix": """          I: {compliant: B, basically_compliant: C, non_compliant: D}
          II: {compliant: B, basically_compliant: C, non_compliant: D}
          III: {compliant: C, basically_compliant: C, non_compliant: D}
          IV: {compliant: C, basically_compliant: D, non_compliant: D}
""",
    "visits_per_year": "          {A: 1, B: 2, C: 4, D: 6}\n",
    "listing_rule": """          - {is: black, when: {result: {in: [basically_compliant, non_compliant]}}}
          - {is: none}
""",
}


def write_reform(folder: Path) -> Path:
    """A draft of the demonstration's rules with new values from the day of the reform."""
    folder.mkdir(parents=True)
    for path in (SEEDS / "rulebooks" / "demo-local").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.name == "values.yaml":
            for cell, value in REFORM.items():
                head, mark, rest = text.partition(f"  {cell}:\n")
                own, values, more = rest.partition("    values:\n")
                end = _end_of(more)
                text = head + mark + own + values + more[:end] + _ENTRY + value + more[end:]
        (folder / path.name).write_text(text, encoding="utf-8")
    return folder


def _end_of(text: str) -> int:
    """Where the next cell begins."""
    place = 0
    for line in text.splitlines(keepends=True):
        if line.startswith("  ") and not line.startswith("   "):
            return place
        place += len(line)
    return place


def build_town(engine: Engine, now: datetime) -> list[int]:
    """Units of several types, streets and chains; some visited well, some badly, some never."""
    kinds = ("restaurant", "restaurant", "snack_shop", "school_canteen", "restaurant", "drink_shop")
    rows = [
        replace(
            DUMPLINGS,
            sign_name=f"第{n}家",
            address=f"柳口路{n}号",
            street="杨柳镇" if n % 2 else "张家窝镇",
            unit_type=kind,
            licence_number=None,
            credit_code=None,
            area_m2=Decimal(60 * n),
            persons_served=100,
            food_categories="hot",
            chain_headquarters=CHAIN if n in (1, 2) else None,
        )
        for n, kind in enumerate(kinds, start=1)
    ]
    with transaction(engine) as session:
        set_mark(session, DEMONSTRATION, now=now)
    with transaction(engine) as session:
        units = add_units(session, rows, now)
        visited = units[:5]
        for n, unit_id in enumerate(visited):
            failed = ["2", "3"][: n % 3]
            result = ("compliant", "basically_compliant", "non_compliant")[n % 3]
            add_visit(session, unit_id, date(2026, 3, 1), now, kind=VisitKind.DAILY)
            add_visit(session, unit_id, date(2026, 10, 9), now, failed=failed, result=result)
    return units
