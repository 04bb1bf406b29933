"""A small register to print plates for, made through the rooms' own tables and use cases."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from inspections.record.database import transaction
from inspections.record.settings import set_setting
from inspections.surface.fonts import print_fonts
from inspections.units.codes import new_codes
from inspections.units.tables import CateringUnit, Premises, UnitState, UnitVersion
from publishing.plates.choosing import Selection
from publishing.plates.service import IssuedPlates, issue_plates

FONTS = print_fonts()
DAY = date(2026, 11, 24)
ADDRESS = "https://spgs.example.gov.cn"
NEW_ADDRESS = "https://new.example.gov.cn"
CODES = sorted(new_codes(6, random_bytes=lambda size: bytes(n * 91 % 253 for n in range(size))))
PASSWORD = "horse battery staple 9"


def add_door(session: Session, number: int, now: datetime, **version: Any) -> None:
    """A door with a unit behind it; `version` is what the register says of the unit."""
    street = "柳荫镇" if number < 4 else "北河镇"
    door = Premises(code=CODES[number], address=f"柳口路{number}号", door_key=str(number), street=street)
    session.add(door)
    session.flush()
    until_on = version.pop("until_on", None)
    unit = CateringUnit(premises_id=door.id or 0, from_on=date(2025, 1, 1), until_on=until_on)
    session.add(unit)
    session.flush()
    values: dict[str, Any] = {
        "licence_name": f"柳荫{number}号餐饮店",
        "sign_name": f"老灶台{number}号店",
        "unit_type": "restaurant",
        **version,
    }
    session.add(
        UnitVersion(
            unit_id=unit.id or 0, from_on=date(2025, 1, 1), recorded_at=now, row_hash=str(number), **values
        )
    )


def fill_register(database: Engine, now: datetime) -> None:
    """Six doors: three with a unit to be shown, one with a sign that no font draws, two without a unit."""
    with transaction(database) as session:
        for key, value in {"authority": "示范区市场监督管理局", "public_address": ADDRESS}.items():
            set_setting(session, key=key, value=value, from_on=date(2026, 1, 1), actor="王芳", now=now)
        add_door(session, 0, now)
        add_door(session, 1, now, sign_name=None, size_class="small")
        add_door(
            session, 2, now,
            sign_name=None, licence_name="李建国", holder_is_natural_person=True, unit_type="snack_shop",
        )  # fmt: skip
        add_door(session, 3, now, sign_name="面🍜馆")
        add_door(session, 4, now, until_on=date(2026, 6, 30))
        add_door(session, 5, now, state=UnitState.CLOSED)


def issue(
    database: Engine, now: datetime, selection: Selection | None = None, **options: Any
) -> IssuedPlates:
    """Issue plates on a day (by default the 24th of November) in an editor's name."""
    with transaction(database) as session:
        return issue_plates(
            session,
            selection or Selection(),
            fonts=FONTS,
            configured_address=None,
            **{"on": DAY, "actor": "王芳", "now": now, **options},
        )


def change_address(database: Engine, now: datetime, address: str = NEW_ADDRESS, from_on: date = DAY) -> None:
    """Another public address from a day on."""
    with transaction(database) as session:
        set_setting(session, key="public_address", value=address, from_on=from_on, actor="王芳", now=now)
