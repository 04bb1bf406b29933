"""All that work without a network needs, put together for one account on one tablet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from grading.checklist import Checklist
from inspections.campaigns.tables import Assignment, Campaign
from inspections.people.recovery import recovery_key
from inspections.people.tables import Account, AccountRole, Role, StaffSession
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.marks import is_demonstration
from inspections.record.settings import Settings, settings_on
from inspections.rulebooks.queries import (
    Shelf,
    StoredChecklist,
    newest_checklist,
    shelf_of,
)
from inspections.units.listing import unit_lines
from inspections.units.queries import doors
from inspections.units.tables import CateringUnit, Premises
from inspections.units.words import unit_types
from inspections.visits.fieldwork import exam, fieldwork
from inspections.visits.sync.assignments import released_assignments
from inspections.visits.sync.bundle_rules import rules_for_tablets
from inspections.visits.sync.bundle_units import UnitForTablet, units_for_tablets
from inspections.visits.sync.leases import lease_numbers, top_up_links
from inspections.visits.sync.vocabulary import concerns, measures_of, place_of

KEEP_DAYS = 14
_LISTS = (
    "places", "words", "obstruction_grounds", "handlings", "na_reasons", "guest_roles", "told_ways",
    "deadlines", "refusal",
)  # fmt: skip


MOST_FOUND, MOST_WANTED = 20, 20


@dataclass(frozen=True)
class Asking:
    """Who asks for a bundle, from which session on which tablet, with how many unused links left.

    `codes` are doors that the inspector looked for: units to visit without an assignment.
    """

    account_id: int
    session_id: int
    tablet_id: int
    links_held: int = 0
    codes: tuple[str, ...] = ()


def bundle_for(engine: Engine, asking: Asking, *, now: datetime) -> dict[str, Any]:
    """Everything a tablet needs; leases record numbers and unit links where few are left."""
    settings, numbers, links = _lease(engine, asking, now)
    with read_only(engine) as session:
        return _Packing(session, asking, settings, now).whole() | {
            "record_numbers": numbers,
            "unit_links": [
                {"token": token, "token_hash": token_hash, "address": _link_address(settings, token)}
                for token, token_hash in links
            ],
        }


def _lease(
    engine: Engine, asking: Asking, now: datetime
) -> tuple[Settings, list[str], list[tuple[str, str]]]:
    with transaction(engine) as session:
        settings = settings_on(session, civil_day(now))
        numbers = lease_numbers(session, asking.tablet_id, settings=settings, now=now)
        links = top_up_links(session, asking.tablet_id, held=asking.links_held, now=now)
    return settings, numbers, links


def _link_address(settings: Settings, token: str) -> str:
    """Where a unit link leads: to the unit's own view in the Inbox, empty until the visit is there."""
    return f"{settings.optional_text('public_address') or ''}/in/u/{token}"


class _Packing:
    """One bundle being put together from one consistent reading."""

    def __init__(self, session: Session, asking: Asking, settings: Settings, now: datetime) -> None:
        self.session, self.asking, self.settings, self.now = session, asking, settings, now
        self.day = settings.on
        self.shelf: Shelf = shelf_of(session)
        self.default = newest_checklist(session, settings.text("visit_checklist"))
        released = released_assignments(session, asking.account_id, self.day)
        looked_for = _trading_at(session, asking.codes, self.day)
        self.codes = _codes_of(session, (*(row.unit_id for row in released), *looked_for))
        self.units = units_for_tablets(session, self.codes, self.day, account_id=asking.account_id)
        # Where somebody else trades behind the door by now, there is no such unit to visit.
        self.assignments = [row for row in released if self.codes[row.unit_id] in self.units]
        self.checklists: dict[str, StoredChecklist] = {self.default.sha256: self.default}

    def whole(self) -> dict[str, Any]:
        """Every part but what is leased."""
        key = recovery_key(self.session)
        assignments = [self._assignment(row) for row in self.assignments]
        return {
            "account": _person(self.session.get_one(Account, self.asking.account_id)),
            "people": [_person(account) for account in _inspectors(self.session)],
            "offline_until": self.session.get_one(StaffSession, self.asking.session_id).expires_at,
            "settings": self._settings(),
            "assignments": assignments,
            "units": {code: self._unit(unit) for code, unit in self.units.items()},
            "checklists": {sha256: _checklist(stored) for sha256, stored in self.checklists.items()},
            "rules": rules_for_tablets(self.shelf, unit_types(), self.checklists.values(), self.day),
            "words": {name: fieldwork()[name] for name in _LISTS if name in fieldwork()},
            "exam": _exam(),
            "recovery_key": None
            if key is None
            else {"fingerprint": key.fingerprint, "public_key": key.public_key},
        }

    def _unit(self, unit: UnitForTablet) -> Mapping[str, Any]:
        presets = {self.default.sha256: _not_applicable(self.default.checklist, unit)}
        return {**unit.content, "not_applicable": presets}

    def _settings(self) -> dict[str, Any]:
        texts = ("authority", "site_title", "contact", "complaint_line", "public_address")
        return {name: self.settings.optional_text(name) for name in texts} | {
            "offline_days": self.settings.number("tablet_offline_days"),
            "keep_days": KEEP_DAYS,
            "checklist": self.default.sha256,
            "is_demonstration": is_demonstration(self.session),
        }

    def _assignment(self, row: Assignment) -> dict[str, Any]:
        code = self.codes[row.unit_id]
        unit = self.units[code]
        stored = newest_checklist(self.session, row.checklist) if row.checklist else self.default
        self.checklists[stored.sha256] = stored
        scheme = self.shelf.scheme_for("result", unit.unit_type, self.day)
        return {
            "id": row.public_id,
            "unit": code,
            "kind": row.kind,
            "source": row.source,
            "reason": row.reason,
            "campaign": _campaign(self.session, row.campaign_id),
            "lead": row.lead_account_id,
            "second": row.second_account_id,
            "release_on": row.release_on,
            "due_on": row.due_on,
            "checklist": stored.sha256,
            "rulebook": self.shelf.version_id(scheme) if scheme and scheme in self.shelf.texts else None,
            "items": row.items.split(",") if row.items else [],
            "recheck_of": row.recheck_of_key,
            "state": row.state.value,
            "not_applicable": _not_applicable(stored.checklist, unit),
        }


def _codes_of(session: Session, unit_ids: Iterable[int]) -> dict[int, str]:
    query = (
        select(CateringUnit.id, Premises.code)
        .join(Premises, col(Premises.id) == col(CateringUnit.premises_id))
        .where(col(CateringUnit.id).in_(sorted(set(unit_ids))))
    )
    return {unit_id or 0: code for unit_id, code in session.exec(query)}


def _trading_at(session: Session, codes: Sequence[str], on: date) -> list[int]:
    """Who trades behind some doors on a day."""
    doors_asked = session.exec(select(Premises.id).where(col(Premises.code).in_(codes))).all()
    found = doors(session, [door_id or 0 for door_id in doors_asked], on)
    return [
        door.unit.unit_id
        for door in found.values()
        if door.unit is not None and (door.unit.until_on is None or door.unit.until_on >= on)
    ]


def found_units(session: Session, query: str, on: date) -> dict[str, Any]:
    """The first units that trade and hold every word asked for (name, address, code, number); how many do."""
    lines, total = unit_lines(session, query, 1, trading_on=on)
    units = [
        {"code": line.code, "name": line.name, "licence_name": line.licence_name, "address": line.address}
        for line in lines[:MOST_FOUND]
    ]
    return {"units": units, "total": total}


def _inspectors(session: Session) -> Sequence[Account]:
    query = (
        select(Account)
        .join(AccountRole, col(AccountRole.account_id) == col(Account.id))
        .where(AccountRole.role == Role.INSPECTOR, col(Account.revoked_at).is_(None))
        .order_by(col(Account.id))
    )
    return session.exec(query).all()


def _person(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "certificate_number": account.certificate_number,
        "certificate_until_on": account.certificate_until_on,
    }


def _campaign(session: Session, campaign_id: int | None) -> dict[str, Any] | None:
    if campaign_id is None:
        return None
    campaign = session.get_one(Campaign, campaign_id)
    return {
        "key": campaign.key,
        "issue_no": campaign.issue_no,
        "theme": campaign.theme,
        "theme_items": campaign.theme_items.split(",") if campaign.theme_items else [],
    }


def _checklist(stored: StoredChecklist) -> dict[str, Any]:
    checklist, measures = stored.checklist, measures_of(stored.checklist_id)
    return {
        "id": checklist.id,
        "title": checklist.title_zh,
        "status": checklist.status,
        "notes": checklist.notes,
        "items": [
            {
                "code": item.code,
                "section": item.section,
                "mark": item.mark,
                "text": item.text,
                "basis": item.legal_basis,
                "provisional": item.provisional,
                "applies_to": item.applies_to,
                "place": place_of(stored.checklist_id, item.code),
                "measure": measures.get(item.code),
            }
            for item in checklist.items
        ],
    }


def _not_applicable(checklist: Checklist, unit: UnitForTablet) -> dict[str, str]:
    """Items that surely do not concern the unit, each with its reason; an inspector may say otherwise."""
    return {
        item.code: f"适用于{'、'.join(item.applies_to)}；登记的业态为{unit.unit_type_zh}"
        for item in checklist.items
        if concerns(item.applies_to, unit.unit_type, unit.online_ordering) is False
    }


def _exam() -> dict[str, Any]:
    found = exam()
    return {name: found[name] for name in ("sha256", "title", "asked", "questions")} | {
        "is_demonstration": bool(found.get("is_demonstration"))
    }
