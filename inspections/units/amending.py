"""What a visit found about a unit, once accepted: a new dated version of it, never an edited one."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.errors import HouseError
from inspections.units.tables import CateringUnit, UnitState, UnitVersion
from inspections.units.writing import note_doors

UNIT_AMENDED = declare_event("unit_amended", "unit", "from_on", "changes")

_COPIED = [name for name in UnitVersion.model_fields if name not in {"id", "from_on", "recorded_at"}]


class AmendingError(HouseError):
    """A unit that cannot be amended as asked."""


def change_sign(
    session: Session, unit_id: int, sign_name: str, *, from_on: date, actor: str, now: datetime
) -> None:
    """The unit trades under another sign from a day on."""
    if not sign_name.strip():
        raise AmendingError("新的牌匾名称是空的；请写门头上的名称。")
    _amend(session, unit_id, {"sign_name": sign_name.strip()}, from_on=from_on, actor=actor, now=now)


def close_unit(session: Session, unit_id: int, *, from_on: date, actor: str, now: datetime) -> None:
    """The unit no longer trades from a day on."""
    unit = session.get(CateringUnit, unit_id)
    if unit is None:
        raise AmendingError(f"没有编号为 {unit_id} 的单位。")
    if unit.until_on is not None:
        return
    _amend(session, unit_id, {"state": UnitState.CLOSED}, from_on=from_on, actor=actor, now=now)
    unit.until_on = max(unit.from_on, from_on - timedelta(days=1))
    session.add(unit)


def _amend(
    session: Session, unit_id: int, changes: dict[str, object], *, from_on: date, actor: str, now: datetime
) -> None:
    newest = session.exec(
        select(UnitVersion)
        .where(UnitVersion.unit_id == unit_id)
        .order_by(col(UnitVersion.from_on).desc(), col(UnitVersion.id).desc())
    ).first()
    unit = session.get(CateringUnit, unit_id)
    if newest is None or unit is None:
        raise AmendingError(f"没有编号为 {unit_id} 的单位。")
    # The hash of the imported row stays: the same file again must not undo what a visit found.
    values = {name: getattr(newest, name) for name in _COPIED} | changes
    session.add(UnitVersion(**values, from_on=max(from_on, newest.from_on), recorded_at=now))
    session.flush()
    note_doors(session, [unit.premises_id])
    said = {name: str(value) for name, value in changes.items()}
    fields = {"unit": unit_id, "from_on": from_on.isoformat(), "changes": said}
    write_audit(session, UNIT_AMENDED, actor=actor, now=now, fields=fields)
