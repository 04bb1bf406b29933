"""Which units an inspector must be recused from (Order 49, art. 23), by their door codes and names."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from inspections.people.staffing import account_named, record_recusal, recusals_of
from inspections.people.tables import Recusal
from inspections.record.clock import civil_day
from inspections.record.errors import HouseError
from inspections.units.codes import parse_code
from inspections.units.queries import find_unit, newest_version
from inspections.units.tables import CateringUnit, Premises


class RecusalError(HouseError):
    """A recusal from a unit that is not there."""


@dataclass(frozen=True)
class RecusalLine:
    """One recusal with the unit that it is from."""

    recusal: Recusal
    code: str
    unit: str
    address: str

    def is_over(self, on: date) -> bool:
        """Whether it had ended before a day."""
        return self.recusal.until_on is not None and self.recusal.until_on < on


def recuse(
    session: Session,
    name: str,
    typed_code: str,
    *,
    reason: str,
    from_on: date,
    until_on: date | None,
    actor: str,
    now: datetime,
) -> RecusalLine:
    """Bar an inspector from the unit that trades behind a door today; gives whom it was."""
    code = parse_code(typed_code)
    if code is None:
        raise RecusalError(f"“{typed_code}”不是门店码；公示牌上有，名册里也能查到。没有记录。")
    found = find_unit(session, code=code, on=civil_day(now))
    if len(found) != 1:
        raise RecusalError(f"门店码 {code} 现在没有在营单位；请在名册里核对。没有记录。")
    unit_id = found[0].unit_id
    recusal_id = record_recusal(
        session, name, unit_id=unit_id, reason=reason, from_on=from_on, until_on=until_on,
        actor=actor, now=now,
    )  # fmt: skip
    return _line(session, session.get_one(Recusal, recusal_id))


def recusal_lines(session: Session, name: str) -> list[RecusalLine]:
    """Every recusal of somebody, the newest first."""
    account_id = account_named(session, name).id or 0
    return [_line(session, recusal) for recusal in recusals_of(session, account_id)]


def _line(session: Session, recusal: Recusal) -> RecusalLine:
    unit = session.get_one(CateringUnit, recusal.unit_id)
    door = session.get_one(Premises, unit.premises_id)
    newest = newest_version(session, recusal.unit_id)
    shown = newest.sign_name or newest.licence_name
    return RecusalLine(recusal, door.code, shown, f"{door.address}{door.door_label}")
