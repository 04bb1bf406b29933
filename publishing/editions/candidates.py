"""Readings of visits that an edition may rest on, with what the register said on the day of the visit."""

import calendar
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from inspections.rulebooks.queries import checklist_version
from inspections.units.holders import shown_holder
from inspections.units.queries import Door, doors, premises_of_units
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.of_campaigns import campaigns_of_visits, first_day_of_campaign
from inspections.visits.tables import Finding, ListingProposal, Visit, VisitBatch, VisitKind, VisitResult
from publishing.editions.grounds import SETTLED, Unsettled, assumed_cells, provisional_items

_IN_ONE_QUERY = 500
NOTHING_FOUND = "所查项目均符合要求"


@dataclass(frozen=True)
class VisitBehind:
    """A visit as an entry may rest on it; `holder_shown` is none where the unit did not trade there then."""

    visit_id: int
    record_key: str
    unit_id: int
    premises_id: int
    code: str
    visited_on: date
    decided_result: str | None
    is_released: bool
    is_current: bool
    theme: str | None
    sign_name: str | None
    licence_name: str | None
    holder_shown: str | None
    address: str
    unsettled: Unsettled = SETTLED


@dataclass(frozen=True)
class Candidate:
    """A visit of a month with the list the rulebook proposes, if any, and what was found."""

    visit: VisitBehind
    proposed_list: str | None
    reasons: tuple[str, ...]


def visits_behind(session: Session, visit_ids: Collection[int]) -> dict[int, VisitBehind]:
    """The visits by id, each with the register of its own day; unknown ids are absent."""
    rows: list[tuple[Visit, bool]] = []
    wanted = sorted(visit_ids)
    for start in range(0, len(wanted), _IN_ONE_QUERY):
        query = (
            select(Visit, col(VisitBatch.released_at).is_not(None))
            .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
            .where(col(Visit.id).in_(wanted[start : start + _IN_ONE_QUERY]))
        )
        rows += session.exec(query).all()
    places = premises_of_units(session, {visit.unit_id for visit, _ in rows})
    on_day = _doors_by_day(session, [visit for visit, _ in rows], places)
    assumed = assumed_cells(session, wanted)
    found = {}
    for visit, released in rows:
        unsettled = Unsettled(
            provisional_items(session, visit), *assumed.get(visit.id or 0, (SETTLED.scheme, SETTLED.cells))
        )
        door = on_day[visit.visited_on][places[visit.unit_id]]
        found[visit.id or 0] = _behind(visit, bool(released), door, unsettled)
    return found


def _doors_by_day(
    session: Session, visits: Iterable[Visit], places: Mapping[int, int]
) -> dict[date, dict[int, Door]]:
    wanted: dict[date, set[int]] = {}
    for visit in visits:
        wanted.setdefault(visit.visited_on, set()).add(places[visit.unit_id])
    return {day: doors(session, premises_ids, day) for day, premises_ids in wanted.items()}


def _behind(visit: Visit, released: bool, door: Door, unsettled: Unsettled) -> VisitBehind:
    unit = door.unit if door.unit is not None and door.unit.unit_id == visit.unit_id else None
    version = unit.version if unit is not None else None
    holder = None
    if unit is not None and version is not None:
        holder = shown_holder(
            version.licence_name,
            holder_is_natural_person=version.holder_is_natural_person,
            credit_code=unit.credit_code,
        )
    return VisitBehind(
        visit_id=visit.id or 0,
        record_key=visit.record_key,
        unit_id=visit.unit_id,
        premises_id=door.premises_id,
        code=door.code,
        visited_on=visit.visited_on,
        decided_result=visit.decided_result,
        is_released=released,
        is_current=visit.is_current,
        theme=visit.theme,
        sign_name=version.sign_name if version is not None else None,
        licence_name=version.licence_name if version is not None else None,
        holder_shown=holder,
        address=door.address,
        unsettled=unsettled,
    )


def candidates_of_month(session: Session, month: str) -> list[Candidate]:
    """What a month's edition can be made from: proposals of the rulebook first, then campaign visits."""
    is_proposed = col(Visit.id).in_(select(ListingProposal.visit_id))
    wanted = visits_of_edition(session, month, or_(is_proposed, col(Visit.kind) == VisitKind.CAMPAIGN))
    proposed = _proposals(session, wanted)
    behind = visits_behind(session, wanted)
    usable = [visit for visit in behind.values() if is_usable(visit)]
    found = _findings(session, [visit.visit_id for visit in usable])
    order = {"black": 0, "red": 1}
    usable.sort(key=lambda v: (order.get(proposed.get(v.visit_id, ""), 2), v.visited_on, v.visit_id))
    return [
        Candidate(visit, proposed.get(visit.visit_id), found.get(visit.visit_id, (NOTHING_FOUND,)))
        for visit in usable
    ]


def is_usable(visit: VisitBehind) -> bool:
    """Whether an entry may rest on the visit at all."""
    return visit.is_released and visit.is_current and None not in (visit.decided_result, visit.holder_shown)


def visit_by_record(session: Session, record_key: str) -> int | None:
    """The visit that a record number stands for now."""
    query = select(Visit.id).where(Visit.record_key == record_key, col(Visit.is_current).is_(True))
    return session.exec(query.order_by(col(Visit.version).desc())).first()


def visits_at_door(session: Session, code: str, month: str) -> list[VisitBehind]:
    """The usable visits of a month behind a storefront code."""
    premises_id = session.exec(select(Premises.id).where(Premises.code == code)).first()
    if premises_id is None:
        return []
    at_door = col(Visit.unit_id).in_(_units_at(session, premises_id))
    found = visits_behind(session, visits_of_edition(session, month, at_door))
    return [visit for visit in found.values() if is_usable(visit)]


def _units_at(session: Session, premises_id: int) -> list[int]:
    query = select(CateringUnit.id).where(CateringUnit.premises_id == premises_id)
    return [id_ for id_ in session.exec(query) if id_ is not None]


def checked_in_month(session: Session, month: str) -> int:
    """How many units the campaign visits of a month's edition checked, in released records."""
    of_campaign = visits_of_edition(session, month, col(Visit.kind) == VisitKind.CAMPAIGN)
    query = (
        select(Visit.unit_id)
        .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
        .where(col(Visit.id).in_(of_campaign), col(VisitBatch.released_at).is_not(None))
        .distinct()
    )
    return len(session.exec(query).all())


def themes_of_month(session: Session, month: str) -> set[str]:
    """The themes of the campaign visits of a month's edition, in released records."""
    of_campaign = visits_of_edition(session, month, col(Visit.kind) == VisitKind.CAMPAIGN)
    query = (
        select(Visit.theme)
        .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
        .where(col(Visit.id).in_(of_campaign), col(VisitBatch.released_at).is_not(None))
        .where(col(Visit.theme).is_not(None))
        .distinct()
    )
    return {theme for theme in session.exec(query) if theme}


def visits_of_edition(session: Session, month: str, *criteria: ColumnElement[bool]) -> set[int]:
    """The current visits that a month's edition is about, those of its campaign on whatever day.

    A campaign may run into the next month: its visits are of its own edition and not of that month's.
    """
    first, last = month_days(month)
    drawn_on = first_day_of_campaign(session, month)
    campaigns = campaigns_of_visits(session, since=first if drawn_on is None else min(first, drawn_on))
    own = [visit_id for visit_id, key in campaigns.items() if key == month]
    query = select(Visit.id).where(
        or_(col(Visit.visited_on).between(first, last), col(Visit.id).in_(own)),
        col(Visit.is_current).is_(True),
        *criteria,
    )
    return {id_ for id_ in session.exec(query) if id_ is not None and campaigns.get(id_, month) == month}


def month_days(month: str) -> tuple[date, date]:
    """The first and last day of `YYYY-MM`."""
    year, number = int(month[:4]), int(month[5:7])
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


def _proposals(session: Session, visit_ids: Collection[int]) -> dict[int, str]:
    query = select(ListingProposal.visit_id, ListingProposal.proposed_list).where(
        col(ListingProposal.visit_id).in_(visit_ids)
    )
    # The newest rulebook version speaks for a visit.
    ordered = query.order_by(col(ListingProposal.rulebook_version_id), col(ListingProposal.id))
    return {visit_id: str(proposed) for visit_id, proposed in session.exec(ordered)}


def ungraded_visits(session: Session, visit_ids: Collection[int]) -> set[int]:
    """Those of some visits that no grading has looked at yet, so that no rule can have proposed them."""
    query = select(VisitResult.visit_id).where(col(VisitResult.visit_id).in_(visit_ids))
    graded = session.exec(query).all()
    return set(visit_ids).difference(graded)


def _findings(session: Session, visit_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for start in range(0, len(visit_ids), _IN_ONE_QUERY):
        part = visit_ids[start : start + _IN_ONE_QUERY]
        query = (
            select(Finding, Visit.checklist_version_id)
            .join(Visit, col(Visit.id) == col(Finding.visit_id))
            .where(col(Finding.visit_id).in_(part))
            .order_by(col(Finding.visit_id), col(Finding.id))
        )
        for finding, version_id in session.exec(query):
            text = finding.note or _item_text(session, version_id, finding.item_code)
            found.setdefault(finding.visit_id, []).append(text)
    return {visit_id: tuple(texts) for visit_id, texts in found.items()}


def _item_text(session: Session, version_id: int, code: str) -> str:
    checklist = checklist_version(session, version_id).checklist
    place = checklist.position.get(code)
    item = checklist.items[place] if place is not None else None
    # What stands in for a text nobody has seen is not the authority's wording.
    told = f"第 {code} 项" if item is None or item.provisional else item.text
    return f"检查要点不符合：{told}"
