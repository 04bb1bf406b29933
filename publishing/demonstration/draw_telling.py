"""Carrying out the campaigns that the system draws, from plan to reveal, through the desk's use cases."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from inspections.campaigns.assigning import move_release, note_state
from inspections.campaigns.committing import Announcement, commit
from inspections.campaigns.draw_changes import exclude_unit, open_substitute
from inspections.campaigns.draw_day import GivenValue, current_draw, enter_value, run_draw, why_gone
from inspections.campaigns.revealing import SCHEDULE, reveal
from inspections.campaigns.service import campaign_of, make_campaign, open_nominations
from inspections.campaigns.stored_draws import play_of
from inspections.campaigns.tables import Assignment, AssignmentState, Campaign
from inspections.record.clock import civil_day
from inspections.record.evidence import keep_bytes
from inspections.record.settings import settings_on
from inspections.units.queries import doors
from publishing.demonstration.campaigns import Campaign as ToldCampaign
from publishing.demonstration.campaigns import drawn_campaign
from publishing.demonstration.chance import Chance
from publishing.demonstration.district import SEED
from publishing.demonstration.drawn_months import MANAGER, DrawnMonth
from publishing.demonstration.field_acts import (
    CampaignIsCommitted,
    CampaignIsDrawn,
    CampaignIsReleased,
    NominationsOpen,
)
from publishing.demonstration.pictures import CLOSED_DOOR, picture
from publishing.demonstration.units import Unit
from publishing.demonstration.words import campaign_words

_VALUE_DIGITS = 20
_MINUTE = timedelta(minutes=1)

UnitsById = Callable[[Session], Mapping[int, Unit]]


class DrawTeller:
    """Makes, commits, draws and reveals; every random byte comes from the seed, so that it repeats."""

    def __init__(self, on: date, evidence: Path, units_by_id: UnitsById) -> None:
        self._on, self._evidence, self._units_by_id = on, evidence, units_by_id

    def tell(
        self,
        session: Session,
        act: CampaignIsCommitted | CampaignIsDrawn | CampaignIsReleased | NominationsOpen,
        now: datetime,
    ) -> None:
        """One act of the desk."""
        match act:
            case CampaignIsCommitted():
                self.commit(session, act.month, now)
            case CampaignIsDrawn():
                self.draw(session, act.month, now)
            case CampaignIsReleased():
                self.release(session, act.month, act.later, now)
            case NominationsOpen():
                self.nominate(session, act.month, act.until, now)

    def commit(self, session: Session, month: DrawnMonth, now: datetime) -> None:
        """Make a campaign, close its pool and commit."""
        make_campaign(session, month.plan, actor=MANAGER, now=now)
        announcement = Announcement(campaign_words().value_from, month.value_at)
        octets = self._chance(month, "roster").octets
        commit(
            session, month.key, announcement, actor=MANAGER, now=now + _MINUTE, random_bytes=octets
        )  # fmt: skip

    def draw(self, session: Session, month: DrawnMonth, now: datetime) -> None:
        """Enter the value, which in a demonstration nobody threw, and draw."""
        chance = self._chance(month, "value")
        digits = "".join(str(chance.below(10)) for _ in range(_VALUE_DIGITS))
        address = settings_on(session, civil_day(now)).text("public_address")
        value = GivenValue(digits, campaign_words().value_how, month.value_at, link=f"{address}/about/")
        enter_value(session, month.key, value, actor=MANAGER, now=now)
        octets = self._chance(month, "tasks").octets
        run_draw(
            session, month.key, release_on=month.released_on, actor=MANAGER, now=now + _MINUTE,
            random_bytes=octets,
        )  # fmt: skip

    def nominate(self, session: Session, month: DrawnMonth, until: datetime, now: datetime) -> None:
        """Make a campaign and ask the public."""
        make_campaign(session, month.plan, actor=MANAGER, now=now)
        open_nominations(session, month.key, until=until, actor=MANAGER, now=now + _MINUTE)

    def release(self, session: Session, month: DrawnMonth, later: date, now: datetime) -> None:
        """Replace whom the register knows no more; all but the first six go to a later day."""
        self._replace_gone(session, month, now)
        for row in waiting(session, month)[6:]:
            move_release(session, row.id or 0, later, actor=MANAGER, now=now)

    def visit(self, session: Session, month: DrawnMonth, now: datetime) -> ToldCampaign:
        """One unit is excluded, at one the door is shut; the others are visited and closed."""
        self._replace_gone(session, month, now)
        if not any(row.state is AssignmentState.EXCLUDED for row in assignments(session, month)):
            self._exclude(session, month, self._replaceable(session, month), "out_of_scope", now)
        self._shut(session, month, self._replaceable(session, month), now)
        found, known = waiting(session, month), self._units_by_id(session)
        told = self.told(session, month, [row.unit_id for row in found])
        rows = {known[row.unit_id].key: row.id or 0 for row in found}
        for visit in told.visits:
            if visit.recheck_of is None:
                note_state(
                    session, rows[visit.unit_key], AssignmentState.DONE, actor=MANAGER, now=now,
                    visited_on=visit.day,
                )  # fmt: skip
        return told

    def reveal(self, session: Session, month: DrawnMonth, now: datetime) -> None:
        """Make a draw public whose last visit is closed."""
        reveal(session, month.key, actor=SCHEDULE, now=now)

    def told(self, session: Session, month: DrawnMonth, unit_ids: list[int] | None = None) -> ToldCampaign:
        """What came of the draw: the same again whenever it is asked for."""
        if unit_ids is None:
            done = [row for row in assignments(session, month) if row.state is AssignmentState.DONE]
            unit_ids = [row.unit_id for row in done]
        known = self._units_by_id(session)
        return drawn_campaign(
            self._chance(month, "visits"), self._on, month.month, month.theme,
            [known[unit_id] for unit_id in unit_ids],
            drawn=month.plan.draw_count, first_day=month.released_on,
        )  # fmt: skip

    def _chance(self, month: DrawnMonth, part: str) -> Chance:
        return Chance(SEED, self._on, "draw", month.key, part)

    def _replace_gone(self, session: Session, month: DrawnMonth, now: datetime) -> None:
        rows = waiting(session, month)
        behind = doors(session, [row.premises_id for row in rows], civil_day(now))
        for row in rows:
            reason = why_gone(behind.get(row.premises_id), row.unit_id, civil_day(now))
            if reason is not None:
                self._exclude(session, month, row, reason, now)

    def _exclude(
        self, session: Session, month: DrawnMonth, row: Assignment, reason: str, now: datetime
    ) -> None:
        code = code_of(session, row, civil_day(now))
        exclude_unit(session, month.key, code, reason, actor=MANAGER, now=now)
        self._substitute(session, month, row, now)

    def _shut(self, session: Session, month: DrawnMonth, row: Assignment, now: datetime) -> None:
        sha256 = keep_bytes(self._evidence, picture(CLOSED_DOOR))
        note_state(
            session, row.id or 0, AssignmentState.CLOSED_DOOR, actor=MANAGER, now=now, photo_sha256=sha256
        )  # fmt: skip
        self._substitute(session, month, row, now)

    def _substitute(self, session: Session, month: DrawnMonth, row: Assignment, now: datetime) -> None:
        if self._has_substitute(session, month, row):
            octets = self._chance(month, f"substitute of {row.id}").octets
            code = code_of(session, row, civil_day(now))
            open_substitute(session, month.key, code, actor=MANAGER, now=now, random_bytes=octets)

    def _replaceable(self, session: Session, month: DrawnMonth) -> Assignment:
        """The first waiting unit for which a substitute is left; the first of all where none is."""
        rows = waiting(session, month)
        return next((row for row in rows if self._has_substitute(session, month, row)), rows[0])

    def _has_substitute(self, session: Session, month: DrawnMonth, row: Assignment) -> bool:
        draw = current_draw(session, campaign_of(session, month.key))
        return play_of(session, draw).next_substitute(row.stratum or "") is not None


def assignments(session: Session, month: DrawnMonth) -> list[Assignment]:
    """Every assignment of a campaign, in the order in which they were made."""
    query = select(Assignment).join(Campaign, col(Campaign.id) == col(Assignment.campaign_id))
    return list(session.exec(query.where(Campaign.key == month.key).order_by(col(Assignment.id))))


def waiting(session: Session, month: DrawnMonth) -> list[Assignment]:
    """Those that are yet to be visited."""
    return [row for row in assignments(session, month) if row.state is AssignmentState.WAITING]


def code_of(session: Session, row: Assignment, on: date) -> str:
    """The door code of an assignment's unit."""
    return doors(session, [row.premises_id], on)[row.premises_id].code
