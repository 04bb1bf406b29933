"""Units as inspectors see them on the spot: register, grade, past visits with their photos, open orders."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from grading.vocabulary import FoodCategory, SpecialGroup
from inspections.campaigns.higher_checks import HigherWarning, higher_warnings
from inspections.record.clock import civil_day
from inspections.units.queries import UnitFacts, UnitOnDoor, doors, premises_of_units
from inspections.units.tables import UnitStanding
from inspections.units.words import unit_type_words
from inspections.visits.grade_queries import UnitGrade, grades_of
from inspections.visits.held_back import secret_records
from inspections.visits.queries import ShownFinding, ShownVisit, shown_visits
from inspections.visits.review.reach import visits_followed_by
from inspections.visits.sync.answers import day_of, failed_items, mapping_of
from inspections.visits.sync.queries import field_record, photos_of
from inspections.visits.sync.tables import FieldVisit, Order, OrderState, VisitChange
from inspections.visits.tables import Visit, VisitBatch

NEAR_EXPIRY = timedelta(days=60)
_OPEN = (OrderState.OPEN, OrderState.REPORTED, OrderState.FAILED, OrderState.ESCALATED)


@dataclass(frozen=True)
class UnitForTablet:
    """A unit's part of the bundle, and what presets of its items rest on."""

    unit_type: str
    unit_type_zh: str
    online_ordering: bool | None
    content: Mapping[str, Any]


def units_for_tablets(
    session: Session, codes: Mapping[int, str], on: date, *, account_id: int
) -> dict[str, UnitForTablet]:
    """The units behind these ids, by storefront code, as one inspector may see them.

    What a campaign's secret holds back is told only to those who made the visit or are to re-check it.
    """
    ids = sorted(codes)
    may_be_told = _may_be_told(session, account_id, on)
    premises = premises_of_units(session, ids)
    found = doors(session, premises.values(), on)
    parts = _Parts(
        grades_of(session, ids, on),
        {unit_id: shown.visits for unit_id, shown in shown_visits(session, ids, since=None, on=on).items()},
        _open_orders(session, ids, may_be_told),
        _due(session, ids),
        {id_: _higher(warning) for id_, warning in higher_warnings(session, ids, on).items()},
        _visits_this_year(session, ids, on, may_be_told),
    )
    units: dict[str, UnitForTablet] = {}
    for unit_id in ids:
        door = found[premises[unit_id]]
        if door.unit is not None and door.unit.unit_id == unit_id:
            place = {"code": door.code, "address": door.address, "street": door.street}
            units[codes[unit_id]] = _unit(session, door.unit, place, parts, on)
    return units


@dataclass(frozen=True)
class _Parts:
    grades: Mapping[int, UnitGrade]
    visits: Mapping[int, Sequence[ShownVisit]]
    orders: Mapping[int, list[dict[str, Any]]]
    due: Mapping[int, date | None]
    higher: Mapping[int, dict[str, Any]]
    counts: Mapping[int, int]


def _unit(
    session: Session, unit: UnitOnDoor, place: Mapping[str, str], parts: _Parts, on: date
) -> UnitForTablet:
    facts, id_ = unit.version, unit.unit_id
    zh = unit_type_words(facts.unit_type, facts.size_class)[0]
    content = {
        **place,
        **_register(unit, facts, zh),
        "grade": _grade(parts.grades.get(id_)),
        "due_on": parts.due.get(id_),
        "last_visits": [_visit(session, visit) for visit in parts.visits.get(id_, ())],
        "open_orders": parts.orders.get(id_, []),
        "near_expiry": _near_expiry(session, id_, facts, on),
        "higher_check": parts.higher.get(id_),
        "visits_this_year": parts.counts.get(id_, 0),
    }
    return UnitForTablet(facts.unit_type, zh, facts.online_ordering, content)


def _register(unit: UnitOnDoor, facts: UnitFacts, zh: str) -> dict[str, Any]:
    foods = [FoodCategory(word).zh for word in facts.food_categories.split(",") if word in set(FoodCategory)]
    groups = [SpecialGroup(word).zh for word in facts.special_groups.split(",") if word in set(SpecialGroup)]
    return {
        "sign_name": facts.sign_name,
        "licence_name": facts.licence_name,
        "credit_code": unit.credit_code,
        "licence_number": facts.licence_number,
        "licence_from_on": facts.licence_from_on,
        "licence_until_on": facts.licence_until_on,
        "unit_type": facts.unit_type,
        "unit_type_zh": zh,
        "area_m2": None if facts.area_m2 is None else float(facts.area_m2),
        "seats": facts.seats,
        "persons_served": facts.persons_served,
        "food_categories": foods,
        "special_groups": groups,
        "chain_headquarters": facts.chain_headquarters,
        "online_ordering": facts.online_ordering,
        "online_name": facts.online_name,
        "open_kitchen": facts.open_kitchen.value,
        "trading_since": unit.from_on,
    }


def _grade(grade: UnitGrade | None) -> dict[str, Any] | None:
    if grade is None:
        return None
    return {
        "level": grade.level,
        "meaning": grade.meaning_zh,
        "as_of": grade.as_of,
        "missing": grade.missing,
        "rests_on_assumed": grade.rests_on_assumed,
        "provisional": grade.provisional,
        "title": grade.rulebook_title,
    }


def _near_expiry(session: Session, unit_id: int, facts: UnitFacts, on: date) -> list[dict[str, Any]]:
    """What ends within two months or has ended: the licence, and the health certificates as last seen."""
    ends = [("食品经营许可证", facts.licence_until_on), *_health_certificates(session, unit_id)]
    return [
        {"what": what, "until_on": until, "days": (until - on).days}
        for what, until in ends
        if until is not None and until <= on + NEAR_EXPIRY
    ]


def _health_certificates(session: Session, unit_id: int) -> Iterator[tuple[str, date | None]]:
    """Which of the staff's health certificates ends first, as the last released visit that looked saw it."""
    of_visit = col(VisitChange.field_visit_id) == col(FieldVisit.id)
    looked = select(VisitChange.id).where(of_visit, VisitChange.key == "health").exists()
    query = select(FieldVisit).where(FieldVisit.unit_id == unit_id, looked)
    # What no other visit may be told of before it counts, this is not told of either.
    released = (
        query.join(Visit, col(Visit.id) == col(FieldVisit.visit_id))
        .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
        .where(col(VisitBatch.released_at).is_not(None))
    )
    for visit in session.exec(released.order_by(col(FieldVisit.opened_at).desc())):
        seen = mapping_of(field_record(session, visit).values, "health")
        if seen:
            day = civil_day(visit.opened_at)
            yield f"最早的健康证明（{day} 检查时看到）", day_of(seen.get("earliest_until_on"))
            return


def _visit(session: Session, visit: ShownVisit) -> dict[str, Any]:
    photos = _photos(session, visit.id)
    return {
        "record": visit.record_key,
        "on": visit.visited_on,
        "kind": visit.kind.value,
        "result": visit.result,
        "result_zh": visit.result_zh,
        "findings": [_finding(finding, photos) for finding in visit.findings],
        "recheck": None
        if visit.recheck is None
        else {"on": visit.recheck.visited_on, "result_zh": visit.recheck.result_zh},
    }


def _finding(finding: ShownFinding, photos: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        "code": finding.item_code,
        "text": finding.item_text,
        "note": finding.note,
        "affects_safety": finding.affects_safety,
        "corrected_on_spot": finding.corrected_on_spot,
        "deadline_on": finding.deadline_on,
        "corrected_on": finding.corrected_on,
        "photos": photos.get(finding.item_code, []),
    }


def _photos(session: Session, visit_id: int) -> dict[str, list[str]]:
    """The photos of each finding that can be shown, where the visit came from tablets."""
    visit = session.exec(select(FieldVisit).where(FieldVisit.visit_id == visit_id)).first()
    if visit is None:
        return {}
    record = field_record(session, visit)
    shown = {photo.sha256 for photo in photos_of(session, visit.id or 0) if photo.shown_sha256 is not None}
    return {
        item.code: [sha256 for sha256 in item.photos if sha256 in shown]
        for item in failed_items(record.stored.checklist, record.values)
    }


def _may_be_told(session: Session, account_id: int, on: date) -> ColumnElement[bool]:
    """The visits from tablets of which an inspector may know before they count."""
    is_open = col(FieldVisit.record_number).not_in(list(secret_records(session)))
    return is_open | col(FieldVisit.id).in_(visits_followed_by(account_id, on))


def _open_orders(
    session: Session, ids: Sequence[int], may_be_told: ColumnElement[bool]
) -> dict[int, list[dict[str, Any]]]:
    query = (
        select(Order, FieldVisit.record_number)
        .join(FieldVisit, col(FieldVisit.id) == col(Order.field_visit_id))
        .where(col(Order.unit_id).in_(ids), col(Order.state).in_(_OPEN), may_be_told)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for order, record in session.exec(query.order_by(col(Order.deadline_on), col(Order.id))):
        found.setdefault(order.unit_id, []).append(
            {
                "record": record,
                "items": order.item_codes.split(",") if order.item_codes else [],
                "text": order.text,
                "ordered_on": civil_day(order.ordered_at),
                "deadline_on": order.deadline_on,
                "state": order.state.value,
            }
        )
    return found


def _due(session: Session, ids: Sequence[int]) -> dict[int, date | None]:
    query = select(UnitStanding).where(col(UnitStanding.unit_id).in_(ids)).order_by(col(UnitStanding.id))
    return {standing.unit_id: standing.due_on for standing in session.exec(query)}


def _higher(warning: HigherWarning) -> dict[str, Any]:
    """That a higher authority has been there, for as long as its items are to be left alone (art. 42)."""
    return {
        "authority": warning.authority,
        "checked_on": warning.checked_on,
        "until": warning.until,
        "items": warning.items,
        "sentence": warning.sentence,
    }


def _visits_this_year(
    session: Session, ids: Iterable[int], on: date, may_be_told: ColumnElement[bool]
) -> dict[int, int]:
    """Visits of the year so far: the released ones, and those signed on a tablet and not yet among them."""
    wanted, first = sorted(ids), date(on.year, 1, 1)
    released = (
        select(Visit.unit_id, func.count())
        .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
        .where(col(Visit.unit_id).in_(wanted), col(Visit.visited_on) >= first, col(Visit.visited_on) <= on)
        .where(col(Visit.is_current), col(VisitBatch.released_at).is_not(None))
        .group_by(col(Visit.unit_id))
    )
    counts: dict[int, int] = dict(session.exec(released).all())
    waiting = select(FieldVisit).where(
        col(FieldVisit.unit_id).in_(wanted),
        col(FieldVisit.signed_at).is_not(None),
        col(FieldVisit.visit_id).is_(None),
        may_be_told,
    )
    for visit in session.exec(waiting):
        if civil_day(visit.opened_at).year == on.year:
            counts[visit.unit_id] = counts.get(visit.unit_id, 0) + 1
    return counts
