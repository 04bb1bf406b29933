"""Businesses of a LIVES feed in the register: each has a door of its own, for many share one address."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select as columns
from sqlmodel import Session, select

from grading.vocabulary import UnitType
from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, reserve_ids, table_of
from inspections.units.codes import new_codes
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from inspections.units.writing import DoorRevision, UnitEdits, revise_doors
from inspections.visits.lives_rows import Business, Feed, Inspection

PREFIX = "lives:"
# The format is one of restaurant inspections; it says nothing finer about a business.
UNIT_TYPE = UnitType.RESTAURANT.value
_DOOR_FIELDS = ("address", "street", "latitude", "longitude")


class Known(NamedTuple):
    """A business that an earlier feed brought."""

    business_id: str
    unit_id: int
    premises_id: int
    name: str
    from_on: date
    version_from_on: date
    address: str
    street: str
    latitude: Decimal | None
    longitude: Decimal | None


class FeedUnits:
    """Businesses become doors of their own, each with one unit: many share one address.

    `absent` are those of earlier feeds that this one does not name; they stay as they are.
    """

    def __init__(self, session: Session, *, on: date, now: datetime, import_id: int) -> None:
        self._session, self._on, self._now, self._import_id = session, on, now, import_id
        self.new = self.changed = 0
        self.ids: dict[str, int] = {}
        self.absent: tuple[Known, ...] = ()

    def load(self, feed: Feed) -> None:
        """Store new businesses, and what has changed of each known one."""
        known = self._known()
        self.absent = tuple(one for one in known.values() if one.business_id not in feed.businesses)
        first_days = _first_days(feed.inspections.values(), self._on)
        self._add([one for one in feed.businesses.values() if one.id not in known], first_days)
        self._revise(
            [(known[one.id], one) for one in feed.businesses.values() if one.id in known], first_days
        )

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

    def _revise(self, pairs: Iterable[tuple[Known, Business]], first_days: Mapping[str, date]) -> None:
        versions: list[dict[str, object]] = []
        doors: list[DoorRevision] = []
        edits, touched = UnitEdits(), set()
        for known, business in pairs:
            self.ids[business.id] = known.unit_id
            if business.name != known.name:
                from_on = max(self._on, known.version_from_on)
                versions.append(self._version(business, known.unit_id, from_on))
                touched.add(known.premises_id)
            after = _door_changes(known, business)
            if after:
                before = {name: getattr(known, name) for name in after}
                doors.append(DoorRevision(known.premises_id, before, after))
                touched.add(known.premises_id)
            first = first_days.get(business.id, known.from_on)
            if first < known.from_on:
                # A feed may bring inspections from before the first one that was known.
                edits.begin(known.unit_id, first)
                versions.append(self._version(business, known.unit_id, first))
                touched.add(known.premises_id)
        insert_rows(self._session, table_of(UnitVersion), versions)
        revise_doors(self._session, doors, now=self._now, import_id=self._import_id)
        edits.write(self._session)
        note_changes(self._session, Subject.PREMISES, sorted(touched))
        self.changed = len(touched)

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

    def _known(self) -> dict[str, Known]:
        doors, units, versions = table_of(Premises), table_of(CateringUnit), table_of(UnitVersion)
        query = (
            columns(
                *(doors.c.door_key, units.c.id, doors.c.id, versions.c.licence_name),
                *(units.c.from_on, versions.c.from_on),
                *(doors.c[name] for name in _DOOR_FIELDS),
            )
            .join_from(doors, units, units.c.premises_id == doors.c.id)
            .join(versions, versions.c.unit_id == units.c.id)
            .where(doors.c.door_key.startswith(PREFIX))
            .order_by(versions.c.from_on, versions.c.id)
        )
        # The newest version of a unit comes last and stays.
        rows = (Known(key.removeprefix(PREFIX), *rest) for key, *rest in self._session.execute(query))
        return {known.business_id: known for known in rows}


def _door(business: Business, premises_id: int, code: str) -> dict[str, object]:
    fields = {name: getattr(business, name) for name in _DOOR_FIELDS}
    return {
        "id": premises_id, "code": code, "door_label": "", "door_key": f"{PREFIX}{business.id}", **fields,
    }  # fmt: skip


def _door_changes(known: Known, business: Business) -> dict[str, Any]:
    """What the feed now says of the door; coordinates that it leaves out stay."""
    return {
        name: value
        for name in _DOOR_FIELDS
        if (value := getattr(business, name)) is not None and value != getattr(known, name)
    }


def _hash(business: Business) -> str:
    return hashlib.sha256(json.dumps([business.name, business.address, business.street]).encode()).hexdigest()


def _first_days(inspections: Iterable[Inspection], on: date) -> dict[str, date]:
    """A business trades from its first inspection on; one never inspected from the feed's first day."""
    found: dict[str, date] = {}
    for inspection in inspections:
        found[inspection.business_id] = min(inspection.on, found.get(inspection.business_id, on))
    return found
