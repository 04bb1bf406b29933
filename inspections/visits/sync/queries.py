"""Readings of visits in the making: their changes, what is signed of them and what came after."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from inspections.people.tables import Account, Tablet
from inspections.record.database import table_of
from inspections.rulebooks.queries import StoredChecklist, checklist_version
from inspections.visits.sync.merging import FieldChange, FieldState, merge, values_of
from inspections.visits.sync.tables import FieldVisit, VisitChange, VisitPhoto


@dataclass(frozen=True)
class StoredChange:
    """One stored change with its author, its tablet and both its instants."""

    row_id: int
    change: FieldChange
    account_id: int
    account: str
    tablet_id: int
    tablet: str
    made_at: datetime
    received_at: datetime

    @property
    def id(self) -> str:
        """Its id, made by the tablet."""
        return self.change.id


class KnownChange(NamedTuple):
    """What is stored under a change's id."""

    field_visit_id: int
    key: str
    value: str
    replaces: str
    received_at: datetime


@dataclass(frozen=True)
class FieldRecord:
    """A visit from tablets: what is signed of it (everything while it is open), and proposed addenda."""

    visit: FieldVisit
    stored: StoredChecklist
    changes: Sequence[StoredChange]

    @cached_property
    def covered(self) -> frozenset[str]:
        """The changes that the visit consists of."""
        if self.visit.signed_at is None:
            return frozenset(change.id for change in self.changes)
        return covered_by(self.visit)

    @cached_property
    def fields(self) -> dict[str, FieldState]:
        """The merged fields of what the visit consists of."""
        return merge(change.change for change in self.changes if change.id in self.covered)

    @cached_property
    def values(self) -> dict[str, object]:
        """The value of every field on which all agree."""
        return values_of(self.fields)

    @cached_property
    def addenda(self) -> tuple[StoredChange, ...]:
        """What arrived outside the signature, in the order of its arrival."""
        return tuple(
            stored
            for stored in self.changes
            if is_outside_signature(self.visit, stored.change.key, stored.id)
        )


def covered_by(visit: FieldVisit) -> frozenset[str]:
    """The changes that a visit's signature covers."""
    return frozenset(visit.covers.split(",")) if visit.covers else frozenset()


def is_outside_signature(visit: FieldVisit, key: str, change_id: str) -> bool:
    """Whether a change of a visit is a proposed addendum to what was signed."""
    return visit.signed_at is not None and key != "signed" and change_id not in covered_by(visit)


def find_field_visit(session: Session, client_id: str, *, lock: bool = False) -> FieldVisit | None:
    """A visit by the id its tablet gave it; locked where changes are about to be stored."""
    query = select(FieldVisit).where(FieldVisit.client_id == client_id)
    return session.exec(query.with_for_update() if lock else query).first()


def changes_of(session: Session, field_visit_id: int) -> list[StoredChange]:
    """Every change of a visit, as they arrived."""
    row, people, tablets = table_of(VisitChange), table_of(Account), table_of(Tablet)
    query = (
        select_columns(row, people.c.name.label("account"), tablets.c.public_id.label("tablet"))
        .join_from(row, people, people.c.id == row.c.account_id)
        .join(tablets, tablets.c.id == row.c.tablet_id)
        .where(row.c.field_visit_id == field_visit_id)
        .order_by(row.c.id)
    )
    return [
        StoredChange(
            row_id=one.id,
            change=_field_change(one.client_id, one.key, one.value, one.replaces),
            account_id=one.account_id,
            account=one.account,
            tablet_id=one.tablet_id,
            tablet=one.tablet,
            made_at=one.made_at,
            received_at=one.received_at,
        )
        for one in session.connection().execute(query)
    ]


def known_changes(session: Session, ids: Collection[str]) -> dict[str, KnownChange]:
    """The stored changes among these ids."""
    table = table_of(VisitChange).c
    columns = (table.field_visit_id, table.key, table.value, table.replaces, table.received_at)
    query = select_columns(table.client_id, *columns).where(table.client_id.in_(list(ids)))
    return {row[0]: KnownChange(*row[1:]) for row in session.connection().execute(query)}


def held_changes(session: Session, visit: FieldVisit, key: str | None = None) -> dict[str, FieldChange]:
    """The stored changes of a visit (or of one of its fields) by id, as merging needs them."""
    table = table_of(VisitChange).c
    query = select_columns(table.client_id, table.key, table.value, table.replaces)
    query = query.where(table.field_visit_id == visit.id)
    if key is not None:
        query = query.where(table.key == key)
    return {row[0]: _field_change(*row) for row in session.connection().execute(query)}


def has_addenda(session: Session, visit: FieldVisit) -> bool:
    """Whether anything of a signed visit stands outside its signature."""
    table = table_of(VisitChange).c
    query = select_columns(table.client_id).where(table.field_visit_id == visit.id, table.key != "signed")
    covered = covered_by(visit)
    return any(id_ not in covered for (id_,) in session.connection().execute(query))


def _field_change(client_id: str, key: str, value: str, replaces: str) -> FieldChange:
    named = frozenset(replaces.split(",")) if replaces else frozenset[str]()
    return FieldChange(client_id, key, json.loads(value), named)


def field_record(session: Session, visit: FieldVisit) -> FieldRecord:
    """A visit with its checklist and all its changes."""
    stored = checklist_version(session, visit.checklist_version_id)
    return FieldRecord(visit, stored, changes_of(session, visit.id or 0))


def photos_of(session: Session, field_visit_id: int) -> list[VisitPhoto]:
    """The announced photos and recordings of a visit."""
    query = select(VisitPhoto).where(VisitPhoto.field_visit_id == field_visit_id)
    return list(session.exec(query.order_by(col(VisitPhoto.id))))
