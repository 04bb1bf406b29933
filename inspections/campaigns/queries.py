"""Readings of campaigns for other rooms and for the desk: what is held back, lists, and one day's board."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from inspections.campaigns.asking import visits_room
from inspections.campaigns.assigning import first_closed_on
from inspections.campaigns.draw_day import why_gone
from inspections.campaigns.higher_checks import HigherWarning, higher_warnings
from inspections.campaigns.pool import account_names, standings, unit_name
from inspections.campaigns.revealing import gaps, still_open
from inspections.campaigns.rules import StrataBy, StrataRule, read_strata_rule
from inspections.campaigns.stored_draws import newest_draw, play_of
from inspections.campaigns.tables import (
    Assignment,
    AssignmentEvent,
    AssignmentState,
    Campaign,
    CampaignState,
    Draw,
)
from inspections.campaigns.words import EXCLUSION_REASONS, SUBSTITUTE_REASONS
from inspections.people.tables import StaffSession, Tablet
from inspections.record.settings import settings_on
from inspections.record.working_days import Deadline, deadline_after
from inspections.units.queries import Door, doors


def held_back(session: Session, assignment_ids: Collection[int]) -> frozenset[int]:
    """Those of some assignments that belong to a campaign that has not been revealed."""
    query = (
        select(Assignment.id)
        .join(Campaign, col(Campaign.id) == col(Assignment.campaign_id))
        .where(col(Assignment.id).in_(list(assignment_ids)), col(Campaign.revealed_at).is_(None))
    )
    return frozenset(assignment_id or 0 for assignment_id in session.exec(query))


_LAST_MONTH = 12


def next_month(session: Session, on: date) -> tuple[str, int]:
    """The month of the next campaign, with the next issue number of its year."""
    newest = session.exec(select(Campaign).order_by(col(Campaign.key).desc())).first()
    if newest is None or newest.key < f"{on:%Y-%m}":
        return f"{on:%Y-%m}", on.month
    year, month = (int(part) for part in newest.key.split("-"))
    if month == _LAST_MONTH:
        return f"{year + 1}-01", 1
    return f"{year}-{month + 1:02}", newest.issue_no + 1


@dataclass(frozen=True)
class CampaignLine:
    """A campaign in the desk's list."""

    key: str
    issue_no: int
    theme: str
    state: CampaignState
    draw_count: int
    done: int
    open: int
    reveal_by: date | None
    announced_at: datetime | None


def campaign_lines(session: Session) -> list[CampaignLine]:
    """Every campaign, the newest month first."""
    return [_line(session, one) for one in session.exec(select(Campaign).order_by(col(Campaign.key).desc()))]


def _line(session: Session, campaign: Campaign) -> CampaignLine:
    states = session.exec(select(Assignment.state).where(Assignment.campaign_id == campaign.id)).all()
    draw = newest_draw(session, campaign.id or 0)
    return CampaignLine(
        key=campaign.key,
        issue_no=campaign.issue_no,
        theme=campaign.theme,
        state=campaign.state,
        draw_count=campaign.draw_count,
        done=sum(state is AssignmentState.DONE for state in states),
        open=still_open(session, campaign),
        reveal_by=campaign.reveal_by,
        announced_at=draw.announced_at if draw else None,
    )


@dataclass(frozen=True)
class BoardRow:
    """One drawn unit on the day."""

    assignment_id: int
    code: str
    name: str
    address: str
    stratum: str
    place: int
    state: AssignmentState
    since: datetime
    lead: str
    second: str
    lead_account_id: int | None
    second_account_id: int | None
    release_on: date | None
    is_substitute: bool
    is_replaced: bool
    gone: str | None
    """Why the unit is no longer the one behind its door."""
    higher: HigherWarning | None
    substitutes_left: bool
    rests_on_assumed: bool
    """Whether its stratum is a grade that rests on assumed values."""
    note: str
    photo_sha256: str | None
    """What was said of the state it is in, and the picture that proves it."""
    sent_back_at: datetime | None
    """Since when its visit waits to be mended by its inspectors."""
    is_reviewed: bool | None
    """Whether a reviewer has confirmed its visit; none where no tablet has told of one."""
    may_reopen: bool
    """Whether it was noted as done without any tablet having told of a visit."""


@dataclass(frozen=True)
class InspectorLine:
    """One inspector on the day: how many units, and since when the tablet has not been heard from."""

    name: str
    units: int
    tablet: str | None
    last_seen_at: datetime | None
    unsent: int


@dataclass(frozen=True)
class Board:
    """The day of a campaign as the manager sees it."""

    rows: tuple[BoardRow, ...]
    inspectors: tuple[InspectorLine, ...]
    still_open: int
    gaps: int
    sent_back: int
    first_closed_on: date | None
    results_due: Deadline | None
    reveal_by: date | None


def board_of(session: Session, campaign: Campaign, on: date) -> Board:
    """How far each unit of a campaign's present draw is."""
    draw = newest_draw(session, campaign.id or 0)
    strata = read_strata_rule(campaign.strata_rule)
    rows = _rows(session, draw, strata, on) if draw is not None and draw.drawn_at is not None else []
    rows.sort(key=_urgency)
    closed = first_closed_on(session, campaign.id or 0)
    working_days = settings_on(session, on).count("result_working_days")
    return Board(
        rows=tuple(rows),
        inspectors=tuple(_inspectors(session, rows)),
        still_open=still_open(session, campaign),
        gaps=gaps(session, campaign) if draw is not None else 0,
        sent_back=sum(row.sent_back_at is not None for row in rows),
        first_closed_on=closed,
        results_due=deadline_after(closed, working_days) if closed and working_days else None,
        reveal_by=campaign.reveal_by,
    )


def _rows(session: Session, draw: Draw, strata: StrataRule, on: date) -> list[BoardRow]:
    query = select(Assignment).where(Assignment.draw_id == draw.id)
    found = session.exec(query.order_by(col(Assignment.stratum), col(Assignment.place))).all()
    behind = doors(session, {one.premises_id for one in found}, on)
    names = account_names(session)
    higher = higher_warnings(session, {one.unit_id for one in found}, on)
    play = play_of(session, draw)
    replaced = {one.replaces_id for one in found}
    graded = standings(session, on) if strata.by is StrataBy.GRADE else {}
    ids = [one.id or 0 for one in found]
    begun, unreviewed = visits_room().begun(session, ids), visits_room().unreviewed(session, ids)
    returned, said = visits_room().sent_back(session, ids), _newest_events(session, ids)
    return [
        BoardRow(
            assignment_id=one.id or 0,
            code=behind[one.premises_id].code,
            name=_name(behind[one.premises_id]),
            address=behind[one.premises_id].address,
            stratum=one.stratum or "",
            place=one.place or 0,
            state=one.state,
            since=one.state_at,
            lead=names.get(one.lead_account_id or 0, ""),
            second=names.get(one.second_account_id or 0, ""),
            lead_account_id=one.lead_account_id,
            second_account_id=one.second_account_id,
            release_on=one.release_on,
            is_substitute=one.is_substitute,
            is_replaced=one.id in replaced,
            gone=_gone(behind[one.premises_id], one, on),
            higher=higher.get(one.unit_id),
            substitutes_left=play.next_substitute(one.stratum or "") is not None,
            rests_on_assumed=one.unit_id in graded and graded[one.unit_id].rests_on_assumed,
            note=said[one.id or 0].note if one.id in said else "",
            photo_sha256=said[one.id or 0].photo_sha256 if one.id in said else None,
            sent_back_at=returned.get(one.id or 0),
            is_reviewed=one.id not in unreviewed if one.id in begun else None,
            may_reopen=one.state is AssignmentState.DONE and one.id not in begun,
        )
        for one in found
    ]


def _urgency(row: BoardRow) -> tuple[int, str, int]:
    """What waits for the manager on top, then what is still to be visited, what is done, what is over."""
    waits = row.state in SUBSTITUTE_REASONS and not row.is_replaced
    over = row.state in (AssignmentState.SUBSTITUTED, AssignmentState.EXCLUDED)
    is_done = row.state is AssignmentState.DONE and row.sent_back_at is None
    rank = 0 if waits else 3 if over else 2 if is_done else 1
    return rank, row.stratum, row.place


def _newest_events(session: Session, assignment_ids: Collection[int]) -> dict[int, AssignmentEvent]:
    """The newest event of each of some assignments; where it has no picture, the newest one that has."""
    query = select(AssignmentEvent).where(col(AssignmentEvent.assignment_id).in_(list(assignment_ids)))
    found: dict[int, AssignmentEvent] = {}
    for event in session.exec(query.order_by(col(AssignmentEvent.id))):
        before = found.get(event.assignment_id)
        if before is None or event.photo_sha256 or not before.photo_sha256:
            found[event.assignment_id] = event
    return found


def is_photo_of(session: Session, key: str, sha256: str) -> bool:
    """Whether a picture proves the state of some unit of a campaign."""
    query = (
        select(AssignmentEvent.id)
        .join(Assignment, col(Assignment.id) == col(AssignmentEvent.assignment_id))
        .join(Campaign, col(Campaign.id) == col(Assignment.campaign_id))
        .where(Campaign.key == key, AssignmentEvent.photo_sha256 == sha256)
    )
    return session.exec(query).first() is not None


def _gone(door: Door, assignment: Assignment, on: date) -> str | None:
    reason = why_gone(door, assignment.unit_id, on)
    return EXCLUSION_REASONS[reason] if reason is not None else None


def _name(door: Door) -> str:
    return unit_name(door.unit) if door.unit is not None else ""


def _inspectors(session: Session, rows: Iterable[BoardRow]) -> list[InspectorLine]:
    units: dict[int, int] = {}
    names: dict[int, str] = {}
    for row in rows:
        for account_id, name in ((row.lead_account_id, row.lead), (row.second_account_id, row.second)):
            if account_id is not None:
                names[account_id] = name
                is_now = row.state not in (AssignmentState.EXCLUDED, AssignmentState.SUBSTITUTED)
                units[account_id] = units.get(account_id, 0) + is_now
    tablets = _tablets(session, units)
    found = []
    for account_id, count in units.items():
        tablet = tablets.get(account_id)
        seen = (tablet.label, tablet.last_seen_at, tablet.unsent) if tablet else (None, None, 0)
        found.append(InspectorLine(names[account_id], count, *seen))
    return sorted(found, key=lambda line: (-line.unsent, line.name))


def _tablets(session: Session, accounts: Collection[int]) -> dict[int, Tablet]:
    """The tablet on which each account was signed in last."""
    newest = (
        select(func.max(StaffSession.id))
        .where(col(StaffSession.account_id).in_(list(accounts)), col(StaffSession.tablet_id).is_not(None))
        .group_by(col(StaffSession.account_id))
    )
    query = (
        select(StaffSession.account_id, Tablet)
        .join(Tablet, col(Tablet.id) == col(StaffSession.tablet_id))
        .where(col(StaffSession.id).in_(newest))
    )
    return dict(session.exec(query).all())
