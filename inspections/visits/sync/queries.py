"""Readings of visits in the making: their changes, what is signed of them and what came after."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlmodel import Session, col, select

from inspections.people.tables import Account, Tablet
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
    query = (
        select(VisitChange, Account.name, Tablet.public_id)
        .join(Account, col(Account.id) == col(VisitChange.account_id))
        .join(Tablet, col(Tablet.id) == col(VisitChange.tablet_id))
        .where(VisitChange.field_visit_id == field_visit_id)
        .order_by(col(VisitChange.id))
    )
    return [_stored(row, account, tablet) for row, account, tablet in session.exec(query)]


def known_changes(session: Session, ids: Collection[str]) -> dict[str, VisitChange]:
    """The stored changes among these ids."""
    query = select(VisitChange).where(col(VisitChange.client_id).in_(list(ids)))
    return {row.client_id: row for row in session.exec(query)}


def _stored(row: VisitChange, account: str, tablet: str) -> StoredChange:
    return StoredChange(
        row_id=row.id or 0,
        change=field_change(row),
        account_id=row.account_id,
        account=account,
        tablet_id=row.tablet_id,
        tablet=tablet,
        made_at=row.made_at,
        received_at=row.received_at,
    )


def field_change(row: VisitChange) -> FieldChange:
    """A stored row as merging needs it."""
    replaces = frozenset(row.replaces.split(",")) if row.replaces else frozenset[str]()
    return FieldChange(row.client_id, row.key, json.loads(row.value), replaces)


def field_record(session: Session, visit: FieldVisit) -> FieldRecord:
    """A visit with its checklist and all its changes."""
    stored = checklist_version(session, visit.checklist_version_id)
    return FieldRecord(visit, stored, changes_of(session, visit.id or 0))


def photos_of(session: Session, field_visit_id: int) -> list[VisitPhoto]:
    """The announced photos and recordings of a visit."""
    query = select(VisitPhoto).where(VisitPhoto.field_visit_id == field_visit_id)
    return list(session.exec(query.order_by(col(VisitPhoto.id))))


def record_of_visit(session: Session, visit_id: int) -> FieldVisit | None:
    """The visit from tablets that a confirmed visit came from."""
    return session.exec(select(FieldVisit).where(FieldVisit.visit_id == visit_id)).first()


def names_of_accounts(session: Session, ids: Collection[int]) -> Mapping[int, Account]:
    """Accounts by id."""
    query = select(Account).where(col(Account.id).in_(list(ids)))
    return {account.id or 0: account for account in session.exec(query)}
