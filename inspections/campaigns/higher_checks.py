"""Checks by a higher authority: for some months the lower one repeats none of it (Order 49, art. 42)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from grading.days import add_months
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.law import months_of
from inspections.campaigns.tables import HigherCheck
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.units.queries import find_unit

HIGHER_CHECK_RECORDED = declare_event("higher_check_recorded", "unit", "authority", "checked_on", "items")


@dataclass(frozen=True)
class HigherWarning:
    """That a unit was checked by a higher authority, until when its items are left alone, and which."""

    authority: str
    checked_on: date
    until: date
    items: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The warning for people."""
        what = f"项目 {'、'.join(self.items)}" if self.items else "全部项目"
        return (
            f"{self.authority}已于 {self.checked_on} 检查过{what}；到 {self.until} 之前，"
            "除有可疑或明显隐患外，不重复检查相同项目。"
        )


def record_higher_check(
    session: Session,
    code: str,
    *,
    authority: str,
    checked_on: date,
    items: Collection[str],
    actor: str,
    now: datetime,
) -> None:
    """Record that a higher authority checked a unit; no items means all of them."""
    found = find_unit(session, code=code, on=checked_on)
    if len(found) != 1:
        raise CampaignError(f"门店码 {code} 在 {checked_on} 没有在营单位；请核对门店码和日期。")
    if not authority.strip() or checked_on > civil_day(now):
        raise CampaignError("请写明检查的上级机关，检查日期不能在将来。")
    row = HigherCheck(
        unit_id=found[0].unit_id,
        authority=authority.strip(),
        checked_on=checked_on,
        items=",".join(items),
        recorded_by=actor,
        recorded_at=now,
    )
    session.add(row)
    fields = {
        "unit": row.unit_id, "authority": row.authority,
        "checked_on": checked_on.isoformat(), "items": row.items,
    }  # fmt: skip
    write_audit(session, HIGHER_CHECK_RECORDED, actor=actor, now=now, fields=fields)


def higher_warnings(
    session: Session, unit_ids: Collection[int], on: date, items: Collection[str] = ()
) -> dict[int, HigherWarning]:
    """The newest check of each unit whose months have not passed on a day and whose items overlap."""
    query = (
        select(HigherCheck)
        .where(col(HigherCheck.unit_id).in_(list(unit_ids)), col(HigherCheck.checked_on) <= on)
        .order_by(col(HigherCheck.checked_on), col(HigherCheck.id))
    )
    rows = session.exec(query).all()
    months = months_of(session, "no_repeat_months", on) if rows else None
    found: dict[int, HigherWarning] = {}
    if months is None:
        return found
    for row in rows:
        checked = tuple(code for code in row.items.split(",") if code)
        until = add_months(row.checked_on, months)
        overlaps = not checked or not items or set(checked) & set(items)
        if on < until and overlaps:
            found[row.unit_id] = HigherWarning(row.authority, row.checked_on, until, checked)
    return found
