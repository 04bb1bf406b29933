"""Gathers the facts of storefront pages from the register, the visits and the editions, batch by batch."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from sqlmodel import Session, select

from inspections.rulebooks.tables import ChecklistVersion, RulebookVersion
from inspections.units.codes import storefront_path
from inspections.units.holders import shown_holder
from inspections.units.personal import has_personal_number, names_person, person_of
from inspections.units.queries import Door, UnitOnDoor, doors
from inspections.units.tables import OpenKitchenForm, UnitState
from inspections.units.words import unit_type_words
from inspections.visits.queries import (
    LevelWords,
    ShownFinding,
    ShownVisit,
    ShownVisits,
    UnitGrade,
    grades_of,
    shown_visits,
)
from publishing.editions.queries import UnitListings, listings_of
from publishing.plates.ending import ended_plates
from publishing.public_facts import (
    DoorPlateFacts,
    FindingFacts,
    GradeFacts,
    KitchenFacts,
    LevelFacts,
    SearchRow,
    StorefrontFacts,
    VisitFacts,
    Words,
)
from publishing.site.pages import Kind, PageFacts, earliest, page_path
from publishing.site.queries import register_changes
from publishing.site.terms import Terms

VISITS_SHOWN = 4
_ONE_DAY = timedelta(days=1)
# A note with a person's name or number, or any number as long as one, gives way to the item's own wording.
_LONG_NUMBER = re.compile(r"[0-9０-９][0-9０-９\s-]{5,}[0-9０-９]")
_VISIT_KINDS = {
    "daily": Words("日常监督检查", "Routine inspection"),
    "campaign": Words("随机查餐厅", "Random campaign inspection"),
    "flying": Words("飞行检查", "Unannounced inspection"),
    "special": Words("专项检查", "Special inspection"),
    "case_based": Words("有因检查", "Inspection for cause"),
    "recheck": Words("复查", "Re-check"),
}
_KITCHENS = {
    OpenKitchenForm.TRANSPARENT: Words("透明式", "Seen through glass"),
    OpenKitchenForm.PARTITION: Words("隔断式", "Behind a low partition"),
    OpenKitchenForm.VIDEO: Words("视频式", "By video on the premises"),
    OpenKitchenForm.INTERNET: Words("“互联网+”式", "By video on the internet"),
}
_NO_KITCHEN = Words("未设置明厨亮灶", "No open kitchen")
_NO_SIGNAL = Words("本站尚未接入该单位视频信号", "This site does not receive its video yet")
_SIGNAL_FORMS = (OpenKitchenForm.VIDEO, OpenKitchenForm.INTERNET)
_ON_SPOT = Words("现场已改正", "Corrected on the spot")
_NOT_AGAIN = Words("复查未再发现", "Not found again at the re-check")
_NOT_LOOKED_AT = Words("复查未查此项", "Not looked at in the re-check")
_STILL = Words("复查时仍未改正", "Still not corrected at the re-check")
_NOT_THAT_DAY = Words("当日未改正", "Not corrected on the day")
_ORDERED = Words("责令改正", "Ordered to be corrected")
_RULES_UNDECIDED = "评定规则中有数值尚未由公示机关确定"


@dataclass(frozen=True)
class _Sources:
    """What the rooms know of one batch of doors."""

    grades: Mapping[int, UnitGrade]
    visits: Mapping[int, ShownVisits]
    listings: Mapping[int, UnitListings]
    register_changes: Mapping[int, date]
    plates: Mapping[int, DoorPlateFacts]


def storefront_pages(session: Session, premises_ids: Sequence[int], terms: Terms) -> list[PageFacts]:
    """The storefront pages of some doors, in the order of their ids."""
    # A session lets go of rows nobody holds; the few versions that thousands of visits name are held here.
    versions = [*session.exec(select(ChecklistVersion)), *session.exec(select(RulebookVersion))]
    known = doors(session, premises_ids, terms.on)
    units = [door.unit.unit_id for door in known.values() if door.unit]
    since = terms.on - timedelta(days=terms.results_shown_days) if terms.results_shown_days else None
    sources = _Sources(
        grades=grades_of(session, units, terms.on, with_steps=True) if terms.grade_is_public else {},
        visits=shown_visits(session, units, since=since, on=terms.on, limit=VISITS_SHOWN),
        listings=listings_of(session, units, on=terms.on, is_preview=terms.is_preview),
        register_changes=register_changes(session, premises_ids, terms.on),
        plates=ended_plates(session, premises_ids, terms.on),
    )
    del versions
    return [_storefront(known[key], sources, terms) for key in sorted(known)]


def _storefront(door: Door, sources: _Sources, terms: Terms) -> PageFacts:
    address = storefront_path(door.code)
    if door.unit is None:
        plate = sources.plates.get(door.premises_id)
        facts = StorefrontFacts(door.code, "", door.address, door.street, "vacant", plate=plate)
        changes_on = sources.register_changes.get(door.premises_id)
        return PageFacts(
            page_path(address), "premises", door.premises_id, Kind.STOREFRONT, (facts,), changes_on
        )
    facts, changes_on = _occupied(door, door.unit, sources, terms)
    return PageFacts(
        path=page_path(address),
        subject="premises",
        subject_id=door.premises_id,
        kind=Kind.STOREFRONT,
        facts=(facts,),
        changes_on=changes_on,
        rows=((door.premises_id, _search_row(facts, door.unit)),),
    )


def _occupied(
    door: Door, unit: UnitOnDoor, sources: _Sources, terms: Terms
) -> tuple[StorefrontFacts, date | None]:
    version = unit.version
    state, state_on = _state(unit, terms.on)
    holder = shown_holder(
        version.licence_name,
        holder_is_natural_person=version.holder_is_natural_person,
        credit_code=unit.credit_code,
    )
    seen = sources.visits.get(unit.unit_id)
    person = person_of(
        version.licence_name,
        holder_is_natural_person=version.holder_is_natural_person,
        credit_code=unit.credit_code,
    )
    visits = tuple(_visit(visit, terms, person) for visit in seen.visits) if seen else ()
    listings = sources.listings.get(unit.unit_id)
    ended = version.licence_until_on is not None and version.licence_until_on < terms.on
    facts = StorefrontFacts(
        code=door.code,
        name=version.sign_name or holder,
        address=door.address,
        street=door.street,
        state=state,
        state_on=state_on,
        former_name=unit.former_name,
        moved_to_code=unit.moved_to_code,
        moved_to_address=unit.moved_to_address,
        # A sign that says what the licence says is told once.
        holder=None if holder == version.sign_name else holder,
        unit_type=Words(*unit_type_words(version.unit_type, version.size_class)),
        licence_number=version.licence_number,
        licence_until_on=version.licence_until_on,
        licence_has_ended=ended,
        online_name=version.online_name,
        grade=_grade(sources.grades.get(unit.unit_id), terms),
        visits=visits,
        visits_hidden=seen.older if seen else 0,
        listings=listings.shown if listings else (),
        kitchen=_kitchen(version.open_kitchen, version.open_kitchen_checked_on),
        plate=sources.plates.get(door.premises_id),
    )
    changes_on = earliest(
        _after(unit.until_on, terms.on),
        _after(version.licence_until_on, terms.on),
        listings.changes_on if listings else None,
        sources.register_changes.get(door.premises_id),
        _first_hidden(seen, terms),
    )
    return facts, changes_on


def _after(last_day: date | None, on: date) -> date | None:
    """The day after a last day that is still to come."""
    return last_day + _ONE_DAY if last_day and last_day >= on else None


def _first_hidden(seen: ShownVisits | None, terms: Terms) -> date | None:
    """The day on which the oldest visit that is shown, or counted as shown, is hidden."""
    if seen is None or not seen.visits or terms.results_shown_days is None:
        return None
    return min(visit.visited_on for visit in seen.visits) + timedelta(days=terms.results_shown_days + 1)


def _state(unit: UnitOnDoor, on: date) -> tuple[str, date | None]:
    """The door's state and since when; a renamed unit is open."""
    has_left = unit.until_on is not None and unit.until_on < on
    if has_left and unit.moved_to_code:
        return "moved", unit.until_on
    if has_left and unit.until_on:
        return "closed", unit.until_on + _ONE_DAY
    if unit.version.state is UnitState.CLOSED:
        return "closed", unit.version_from_on
    if unit.version.state is UnitState.MOVED:
        return "moved", unit.version_from_on
    return "open", unit.version_from_on if unit.former_name else None


def _grade(known: UnitGrade | None, terms: Terms) -> GradeFacts | None:
    if not terms.grade_is_public:
        return None
    if known is None:
        return GradeFacts(level=None, meaning=None, graded_on=None, levels=())
    levels = _levels(known.levels)
    rests_on_assumed = known.rests_on_assumed or known.provisional
    if rests_on_assumed and not terms.may_show_assumed:
        return GradeFacts(None, None, known.as_of, levels, missing=(_RULES_UNDECIDED,))
    return GradeFacts(
        level=known.level,
        meaning=Words(known.meaning_zh or "", known.meaning_en or "") if known.level else None,
        graded_on=known.as_of,
        levels=levels,
        missing=known.missing,
        rests_on_assumed=rests_on_assumed,
        steps=known.steps,
        rulebook_title=known.rulebook_title,
    )


@lru_cache(maxsize=64)
def _levels(known: tuple[LevelWords, ...]) -> tuple[LevelFacts, ...]:
    return tuple(LevelFacts(level.code, Words(level.meaning_zh, level.meaning_en)) for level in known)


def _visit(visit: ShownVisit, terms: Terms, person: str | None) -> VisitFacts:
    """A visit with what its re-check found: first result and result after re-check stay apart."""
    recheck, year = visit.recheck, visit.visited_on.year
    told = [visit] if recheck is None else [visit, recheck]
    known = {finding.item_code for finding in visit.findings}
    findings = [
        _finding(finding, _answering(visit, finding.item_code), terms, year, person)
        for finding in visit.findings
    ]
    if recheck is not None:
        new = (finding for finding in recheck.findings if finding.item_code not in known)
        findings += [_finding(finding, None, terms, year, person) for finding in new]
    return VisitFacts(
        visited_on=visit.visited_on,
        kind=_VISIT_KINDS[visit.kind],
        result=_result(visit, terms),
        # What still has to be corrected comes first.
        findings=tuple(sorted(findings, key=lambda finding: finding.is_settled)),
        score=_score(visit, terms),
        rechecked_on=recheck.visited_on if recheck else None,
        recheck_result=_result(recheck, terms) if recheck else None,
        provisional=visit.provisional or visit.rests_on_assumed,
        recheck_provisional=recheck is not None and (recheck.provisional or recheck.rests_on_assumed),
        awaits_grading=any(_waits(one, terms) for one in told),
    )


def _result(visit: ShownVisit, terms: Terms) -> Words | None:
    """The decided result, where it may be told."""
    if visit.result is None or _is_withheld(visit, terms):
        return None
    return Words(visit.result_zh or visit.result, visit.result_en or visit.result)


def _score(visit: ShownVisit, terms: Terms) -> str | None:
    """The score, where it may be told: what withholds a result withholds its score."""
    if visit.score is None or _is_withheld(visit, terms):
        return None
    return f"{visit.score.normalize():f}"


def _answering(visit: ShownVisit, item_code: str) -> ShownVisit | None:
    """The latest re-check that looked at an item of the same checklist; where none did, the latest of all."""
    same = (one for one in visit.rechecks if one.checklist == visit.checklist)
    found = next((one for one in same if item_code in one.answered), visit.recheck)
    if found is not None and found.checklist != visit.checklist:
        return replace(found, answered=frozenset())
    return found


def _waits(visit: ShownVisit, terms: Terms) -> bool:
    """Whether something that was decided is withheld until the next grading."""
    return visit.awaits_grading and _is_withheld(visit, terms) and (visit.result, visit.score) != (None, None)


def _is_withheld(visit: ShownVisit, terms: Terms) -> bool:
    """Whether it rests on what no source states, or may do so, outside a demonstration."""
    unsure = visit.provisional or visit.rests_on_assumed or visit.awaits_grading
    return unsure and not terms.may_show_assumed


def _finding(
    finding: ShownFinding, recheck: ShownVisit | None, terms: Terms, year: int, person: str | None
) -> FindingFacts:
    has_note = bool(finding.note) and not _is_personal(finding.note, person)
    state, is_settled = _finding_state(finding, recheck, terms.on, year)
    # What stands in for an item's text that nobody has seen is told by its number only.
    has_text = not finding.is_provisional or terms.may_show_assumed
    item_text = finding.item_text if has_text else f"检查要点第 {finding.item_code} 项"
    return FindingFacts(
        text=finding.note if has_note else item_text,
        state=state,
        is_settled=is_settled,
        is_requirement=finding.is_requirement and has_text and not has_note,
    )


def _is_personal(note: str, person: str | None) -> bool:
    is_numbered = _LONG_NUMBER.search(note) is not None or has_personal_number(note)
    return is_numbered or names_person(note, person)


def _finding_state(
    finding: ShownFinding, recheck: ShownVisit | None, on: date, year: int
) -> tuple[Words | None, bool]:
    if finding.corrected_on_spot:
        return _ON_SPOT, True
    corrected_on = finding.corrected_on
    if corrected_on is not None and corrected_on <= on:
        return Words(f"{_day(corrected_on, year)}已改正", f"Corrected on {corrected_on}"), True
    if recheck is not None:
        if finding.item_code not in recheck.answered:
            return _NOT_LOOKED_AT, False
        if finding.item_code not in {again.item_code for again in recheck.findings}:
            return _NOT_AGAIN, True
        return _STILL, False
    if finding.deadline_on is not None:
        until = finding.deadline_on
        return Words(f"责令{_day(until, year)}前改正", f"To be corrected by {until}"), False
    if finding.is_ordered:
        return _ORDERED, False
    # What became of it nobody wrote down, so the page says nothing.
    return (_NOT_THAT_DAY if finding.corrected_on_spot is False else None), False


def _day(on: date, year: int) -> str:
    """A day beside its visit: the year is said only where it is not the visit's."""
    return f"{on.month}月{on.day}日" if on.year == year else f"{on.year}年{on.month}月{on.day}日"


def _kitchen(form: OpenKitchenForm, checked_on: date | None) -> KitchenFacts | None:
    if form is OpenKitchenForm.NONE:
        return KitchenFacts(_NO_KITCHEN, checked_on) if checked_on else None
    return KitchenFacts(_KITCHENS[form], checked_on, _NO_SIGNAL if form in _SIGNAL_FORMS else None)


def _search_row(facts: StorefrontFacts, unit: UnitOnDoor) -> SearchRow:
    latest = facts.visits[0] if facts.visits else None
    # A re-check whose result is withheld does not bring the first result back.
    result = (latest.recheck_result if latest.rechecked_on else latest.result) if latest else None
    on_lists = {listing.list_word for listing in facts.listings}
    return SearchRow(
        code=facts.code,
        name=facts.name,
        holder=facts.holder,
        address=facts.address,
        street=facts.street,
        unit_type=unit_type_words(unit.version.unit_type, None)[0],
        grade=facts.grade.level if facts.grade else None,
        listed=",".join(word for word in ("red", "black") if word in on_lists) or None,
        licence_number=facts.licence_number,
        pinyin=unit.pinyin,
        initials=unit.initials,
        state=facts.state,
        last_visit_on=(latest.rechecked_on or latest.visited_on) if latest else None,
        last_result=result.zh if result else None,
        rests_on_assumed=_shows_assumed(facts.grade, latest if result else None),
    )


def _shows_assumed(grade: GradeFacts | None, visit: VisitFacts | None) -> bool:
    is_graded_so = grade is not None and grade.level is not None and grade.rests_on_assumed
    return is_graded_so or (visit is not None and visit.provisional)
