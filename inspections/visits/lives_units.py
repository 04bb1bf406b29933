"""Businesses of a LIVES feed in the register: each has a door of its own, for many share one address."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select as columns
from sqlmodel import Session, select

from grading.vocabulary import UnitType
from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, reserve_ids, table_of
from inspections.units.codes import new_codes
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from inspections.visits.lives_rows import Business, Feed, Inspection

PREFIX = "lives:"
# The format is one of restaurant inspections; it says nothing finer about a business.
UNIT_TYPE = UnitType.RESTAURANT.value


@dataclass
class _Known:
    unit_id: int
    premises_id: int
    row_hash: str
    from_on: date


class FeedUnits:
    """Businesses become doors of their own, each with one unit: many share one address."""

    def __init__(self, session: Session, *, on: date, now: datetime, import_id: int) -> None:
        self._session, self._on, self._now, self._import_id = session, on, now, import_id
        self.new = self.changed = 0
        self.ids: dict[str, int] = {}

    def load(self, feed: Feed) -> None:
        """Store new businesses, and a new version of each changed one."""
        known = self._known()
        first_days = _first_days(feed.inspections.values(), self._on)
        fresh = [one for one in feed.businesses.values() if one.id not in known]
        self._add(fresh, first_days)
        versions = []
        for business in feed.businesses.values():
            before = known.get(business.id)
            if before is None:
                continue
            self.ids[business.id] = before.unit_id
            if before.row_hash != _hash(business):
                versions.append(self._version(business, before.unit_id, max(self._on, before.from_on)))
                note_changes(self._session, Subject.PREMISES, [before.premises_id])
        insert_rows(self._session, table_of(UnitVersion), versions)
        self.changed = len(versions)

    def _add(self, businesses: list[Business], first_days: Mapping[str, date]) -> None:
        session, count = self._session, len(businesses)
        doors = reserve_ids(session, table_of(Premises), count)
        units = reserve_ids(session, table_of(CateringUnit), count)
        taken = session.exec(select(Premises.code)).all()
        codes = new_codes(count, set(taken))
        premises, trading, versions = [], [], []
        for business, door, unit, code in zip(businesses, doors, units, codes, strict=True):
            from_on = first_days.get(business.id, self._on)
            premises.append(_door(business, door, code))
            trading.append({"id": unit, "premises_id": door, "from_on": from_on})
            versions.append(self._version(business, unit, from_on))
            self.ids[business.id] = unit
        insert_rows(session, table_of(Premises), premises)
        insert_rows(session, table_of(CateringUnit), trading)
        insert_rows(session, table_of(UnitVersion), versions)
        note_changes(session, Subject.PREMISES, doors)
        self.new = count

    def _version(self, business: Business, unit_id: int, from_on: date) -> dict[str, object]:
        return {
            "unit_id": unit_id,
            "from_on": from_on,
            "recorded_at": self._now,
            "import_id": self._import_id,
            "row_hash": _hash(business),
            "licence_name": business.name,
            "sign_name": business.name,
            "holder_is_natural_person": False,
            "unit_type": UNIT_TYPE,
        }

    def _known(self) -> dict[str, _Known]:
        doors, units, versions = table_of(Premises), table_of(CateringUnit), table_of(UnitVersion)
        query = (
            columns(doors.c.door_key, units.c.id, doors.c.id, versions.c.row_hash, units.c.from_on)
            .join_from(doors, units, units.c.premises_id == doors.c.id)
            .join(versions, versions.c.unit_id == units.c.id)
            .where(doors.c.door_key.startswith(PREFIX))
            .order_by(versions.c.from_on, versions.c.id)
        )
        rows = self._session.execute(query)
        return {key.removeprefix(PREFIX): _Known(*rest) for key, *rest in rows}


def _door(business: Business, premises_id: int, code: str) -> dict[str, object]:
    return {
        "id": premises_id,
        "code": code,
        "address": business.address,
        "door_label": "",
        "door_key": f"{PREFIX}{business.id}",
        "street": business.street,
        "latitude": business.latitude,
        "longitude": business.longitude,
    }


def _hash(business: Business) -> str:
    return hashlib.sha256(json.dumps([business.name, business.address, business.street]).encode()).hexdigest()


def _first_days(inspections: Iterable[Inspection], on: date) -> dict[str, date]:
    """A business trades from its first inspection on; one never inspected from the feed's first day."""
    found: dict[str, date] = {}
    for inspection in inspections:
        found[inspection.business_id] = min(inspection.on, found.get(inspection.business_id, on))
    return found
