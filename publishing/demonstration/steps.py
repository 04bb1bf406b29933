"""Carrying out the steps of the demonstration's story through the rooms' own use cases."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.rulebooks.queries import Shelf, newest_checklist, shelf_of
from inspections.units.codes import new_codes
from inspections.units.importing import load_units
from inspections.units.register_file import UnitRow
from inspections.visits.grading_run import grade_units
from inspections.visits.service import (
    NewFinding,
    NewVisit,
    release_batch,
    release_revealed,
    review_batch,
    store_visits,
)
from publishing.demonstration.answers import Note
from publishing.demonstration.campaigns import Campaign, Entry
from publishing.demonstration.chance import Chance
from publishing.demonstration.days import month_word
from publishing.demonstration.district import SEED, District
from publishing.demonstration.draw_telling import DrawTeller
from publishing.demonstration.drawn_months import DrawnMonth
from publishing.demonstration.field_acts import (
    CampaignIsCommitted,
    CampaignIsDrawn,
    CampaignIsReleased,
    CampaignIsRevealed,
    DrawAct,
    EntriesOfDrawAreRechecked,
    EntriesOfDrawAreRectified,
    FieldAct,
    NominationsOpen,
    VisitArrives,
)
from publishing.demonstration.field_telling import FieldTeller
from publishing.demonstration.queries import UnitIds, note_steps_done, require_turn, visit_ids
from publishing.demonstration.register_changes import change_register
from publishing.demonstration.staff import APPROVERS, EDITOR, PROGRAM
from publishing.demonstration.timeline import (
    EditionIsDrafted,
    EditionIsPublished,
    EntryIsRechecked,
    EntryIsRectified,
    EntryIsWithdrawn,
    Step,
    VisitsComeIn,
)
from publishing.demonstration.units import Closing, Load, Move, NewOperator, Unit
from publishing.demonstration.visits import Visit
from publishing.demonstration.words import CHECKLIST, campaign_words, checklist
from publishing.editions.drafting import save_draft
from publishing.editions.drafts import Draft, DraftLine
from publishing.editions.service import approve, publish_edition, record_event, withdraw
from publishing.editions.tables import EntryEventKind

_OBJECTION_DAYS = 6


class Teller:
    """Carries out steps one by one; each is one transaction together with the note that it is done."""

    def __init__(self, house: House, district: District) -> None:
        self._engine = house.engine
        self._district = district
        self._units = {unit.key: unit for load in district.story.loads for unit in load.units}
        successors = (c.successor for c in district.story.changes if isinstance(c, NewOperator))
        self._units.update({unit.key: unit for unit in successors})
        evidence = house.configuration.evidence_directory
        self._draws = DrawTeller(district.on, evidence, self._units_by_id)
        self._field = FieldTeller(house, district.on, district.field, district.sealed)

    def carry_out(self, step: Step, done: int) -> None:
        """Carry out one step; `done` steps are in the database after it."""
        if isinstance(step.act, EditionIsDrafted):
            # Grading has transactions of its own and may be repeated.
            grade_units(self._engine, on=civil_day(step.at), now=step.at)
        if isinstance(step.act, VisitArrives):
            # What a tablet sends has a transaction of its own, and may be sent again.
            with read_only(self._engine) as session:
                units = self._units_by_id(session)
            self._field.send(step.act.visit, units, step.at)
        with transaction(self._engine) as session:
            require_turn(session, done - 1)
            self._tell(session, step)
            note_steps_done(session, done)

    def _tell(self, session: Session, step: Step) -> None:
        match step.act:
            case Load():
                self._load(session, step.act, step.at)
            case Closing() | Move() | NewOperator():
                unit = self._units[step.act.unit_key]
                change_register(session, step.act, unit, self._codes(step.act.unit_key), now=step.at)
            case VisitsComeIn():
                self._visits(session, step.act.visits, step.at)
            case EditionIsDrafted():
                self._draft(session, self._told(session, step.act.campaign), step.at)
            case EditionIsPublished():
                self._publish(session, self._told(session, step.act.campaign), step.at)
            case EntryIsRectified() | EntryIsRechecked() | EntryIsWithdrawn():
                self._event(session, step.act, step.at)
            case _:
                self._field_act(session, step.act, step.at)

    def _field_act(self, session: Session, act: DrawAct | FieldAct, now: datetime) -> None:
        match act:
            case CampaignIsRevealed():
                self._reveal(session, act.month, now)
            case EntriesOfDrawAreRectified() | EntriesOfDrawAreRechecked():
                self._entries_of_draw(session, act, now)
            case CampaignIsCommitted() | CampaignIsDrawn() | CampaignIsReleased() | NominationsOpen():
                self._draws.tell(session, act, now)
            case _:
                self._field.tell(session, act, UnitIds(session), now)

    def _told(self, session: Session, campaign: Campaign | DrawnMonth) -> Campaign:
        """A campaign with what came of it; of one that was drawn, the draw decides."""
        return campaign if isinstance(campaign, Campaign) else self._draws.told(session, campaign)

    def _units_by_id(self, session: Session) -> dict[int, Unit]:
        ids = UnitIds(session)
        return {unit_id: unit for unit in self._units.values() for unit_id in ids.of(unit)}

    def _reveal(self, session: Session, month: DrawnMonth, now: datetime) -> None:
        """The visits of a draw come in, are held back, reviewed, and released with the reveal."""
        told = self._draws.visit(session, month, now)
        visits = tuple(visit for visit in told.visits if visit.recheck_of is None)
        stored = self._store(session, visits, now)
        review_batch(session, stored, actor=EDITOR, now=now)
        self._draws.reveal(session, month, now)
        release_revealed(session, now)

    def _entries_of_draw(
        self, session: Session, act: EntriesOfDrawAreRectified | EntriesOfDrawAreRechecked, now: datetime
    ) -> None:
        told = self._draws.told(session, act.month)
        for number, entry in enumerate(told.entries, start=1):
            if isinstance(act, EntriesOfDrawAreRectified):
                if entry.rectified_on is not None:
                    self._event(session, EntryIsRectified(told, number), now)
                continue
            for visit in entry.rechecks:
                self._visits(session, (visit,), now)
                self._event(session, EntryIsRechecked(told, number, visit), now)

    def _load(self, session: Session, load: Load, now: datetime) -> None:
        earlier = [one for one in self._district.story.loads if one.day < load.day]
        known = {unit.key for one in earlier for unit in one.units}
        rows = [_row(unit, load.day, is_known=unit.key in known) for unit in load.units]
        load_units(
            session,
            rows,
            on=load.day,
            now=now,
            actor=PROGRAM,
            file_name=f"演示名册 {load.day}",
            file_sha256="",
            make_codes=self._codes(load.day),
        )

    def _codes(self, name: object) -> Callable[[int, Collection[str]], list[str]]:
        """Storefront codes that are the same again, so that pictures of the demonstration stay true."""
        chance = Chance(SEED, self._district.on, "codes", name)

        def make_codes(count: int, taken: Collection[str]) -> list[str]:
            return new_codes(count, taken, chance.octets)

        return make_codes

    def _visits(self, session: Session, visits: tuple[Visit, ...], now: datetime) -> None:
        release_batch(session, self._store(session, visits, now), actor=EDITOR, now=now)

    def _store(self, session: Session, visits: tuple[Visit, ...], now: datetime) -> int:
        """Store visits as a batch; its number."""
        ids, shelf = UnitIds(session), shelf_of(session)
        version_id = newest_checklist(session, CHECKLIST).version_id
        new = [self._new_visit(visit, ids, shelf, version_id) for visit in visits]
        stored = store_visits(
            session, new, actor=PROGRAM, now=now, file_name=f"演示检查记录 {civil_day(now)}"
        )
        return stored.batch_id or 0

    def _new_visit(self, visit: Visit, ids: UnitIds, shelf: Shelf, version_id: int) -> NewVisit:
        unit = self._units[visit.unit_key]
        result, handling = _decided(shelf, unit.row.unit_type, visit)
        return NewVisit(
            record_key=visit.key,
            unit_id=ids.on(unit.row.licence_number, visit.day),
            visited_on=visit.day,
            kind=visit.kind,
            checklist_version_id=version_id,
            answers=visit.sheet.answers,
            decided_result=result,
            handling=handling,
            inspectors=visit.inspectors,
            theme=visit.theme,
            theme_items=visit.theme_items,
            recheck_of_key=visit.recheck_of,
            findings=tuple(_finding(note) for note in visit.sheet.notes),
        )

    def _draft(self, session: Session, campaign: Campaign, now: datetime) -> None:
        ids = visit_ids(session, [entry.visit_key for entry in campaign.entries])
        days = {visit.key: visit.day for visit in campaign.visits}
        lines = tuple(
            _line(number, entry, ids[entry.visit_key], days[entry.visit_key])
            for number, entry in enumerate(campaign.entries, start=1)
        )
        words, drawn = campaign_words(), {self._district.revealed.key}
        draft = Draft(
            month=month_word(campaign.month),
            theme=campaign.theme.title,
            lines=lines,
            issue_no=campaign.month.month,
            chosen_how=words.drawn_how if month_word(campaign.month) in drawn else words.chosen_how,
            drawn=campaign.drawn,
            checked=sum(1 for visit in campaign.visits if visit.recheck_of is None),
        )
        save_draft(session, draft, actor=EDITOR, now=now)

    def _publish(self, session: Session, campaign: Campaign, now: datetime) -> None:
        month = month_word(campaign.month)
        for hours, approver in enumerate(APPROVERS):
            approve(session, month, actor=approver, now=now - timedelta(hours=4 - hours))
        publish_edition(session, month, now=now, actor=EDITOR)

    def _event(
        self, session: Session, act: EntryIsRectified | EntryIsRechecked | EntryIsWithdrawn, now: datetime
    ) -> None:
        month = month_word(act.campaign.month)
        if isinstance(act, EntryIsWithdrawn):
            reason = campaign_words().withdrawal_reason
            withdraw(session, month, number=act.number, reason=reason, actor=APPROVERS[0], now=now)
            return
        visit_id, kind, happened_on = None, EntryEventKind.RECTIFIED, civil_day(now)
        if isinstance(act, EntryIsRechecked):
            failed = bool(act.visit.sheet.notes)
            kind = EntryEventKind.RECHECK_FAILED if failed else EntryEventKind.RECHECK_PASSED
            visit_id = visit_ids(session, [act.visit.key])[act.visit.key]
            happened_on = act.visit.day
        number = act.number
        record_event(session, month, number, kind, happened_on, actor=EDITOR, now=now, visit_id=visit_id)


def _line(number: int, entry: Entry, visit_id: int, day: date) -> DraftLine:
    line = DraftLine(number, entry.list_word, visit_id, entry.reasons, no_personal_names=True)
    if entry.list_word == "red":
        return line
    return replace(
        line,
        measures=entry.measures,
        told_on=day,
        told_how=campaign_words().told_how,
        objection_until_on=day + timedelta(days=_OBJECTION_DAYS),
    )


def _row(unit: Unit, day: date, *, is_known: bool) -> UnitRow:
    # A row that is already in the register changes on the day of the load, not since the unit's first day.
    return replace(unit.row, from_on=day) if is_known else unit.row


def _decided(shelf: Shelf, unit_type: str, visit: Visit) -> tuple[str | None, str | None]:
    """The result and handling that the inspectors decide: here they follow the suggestion."""
    scheme = shelf.scheme_for("result", unit_type, visit.day)
    if scheme is None:
        return None, None
    rules = shelf.rules_of_period(scheme, visit.day)
    suggestion = rules.suggest(checklist(), visit.sheet.answers)
    handling = suggestion.extras.get("handling")
    return suggestion.value, str(handling) if handling is not None else None


def _finding(note: Note) -> NewFinding:
    return NewFinding(
        item_code=note.code,
        note=note.text,
        corrected_on_spot=note.corrected_on_spot,
        deadline_on=note.deadline_on,
        corrected_on=note.corrected_on,
    )
