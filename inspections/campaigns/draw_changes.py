"""Use cases after a draw: exclude a unit, open the next substitute, replace an inspector, draw anew.

Each is appended to the draw with its reason and its instant; nothing of a draw is ever taken away.
"""

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from inspections.campaigns.assigning import RandomBytes, put_state, renew_public_id
from inspections.campaigns.committing import Announcement, Committed, commit_draw
from inspections.campaigns.draw_day import add_drawn, current_draw
from inspections.campaigns.drawing.canonical import DrawError
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.roster import TEAM
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.service import campaign_of
from inspections.campaigns.stored_draws import (
    append_event,
    opened,
    play_of,
    read_private,
)
from inspections.campaigns.tables import (
    Assignment,
    AssignmentEvent,
    AssignmentState,
    Campaign,
    CampaignState,
    Draw,
)
from inspections.campaigns.words import EXCLUSION_REASONS, INSPECTOR_REASONS, SUBSTITUTE_REASONS
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.surface.formatters import moment

UNIT_EXCLUDED = declare_event("draw_unit_excluded", "campaign", "draw", "reason", "event_sha256")
SUBSTITUTE_OPENED = declare_event("draw_substitute_opened", "campaign", "draw", "reason", "event_sha256")
INSPECTOR_REPLACED = declare_event("draw_inspector_replaced", "campaign", "draw", "reason", "event_sha256")
REDRAWN = declare_event("draw_redrawn", "campaign", "draw", "reason", "event_sha256")

LONGEST_REASON = 200
_ENDED = (AssignmentState.DONE, AssignmentState.EXCLUDED, AssignmentState.SUBSTITUTED)


def exclude_unit(session: Session, key: str, code: str, reason: str, *, actor: str, now: datetime) -> None:
    """Take a unit out of a draw, before or after it; whoever stands behind it keeps his place."""
    campaign = campaign_of(session, key, CampaignState.COMMITTED, CampaignState.DRAWN)
    draw, words = current_draw(session, campaign), _reason(EXCLUSION_REASONS, reason)
    if code not in read_private(draw.private).units:
        raise CampaignError(f"{code} 不在这次抽取的名单里；请核对门店码。")
    assignment = assignment_at(session, draw, code)
    if assignment is not None and assignment.state is AssignmentState.DONE:
        raise CampaignError("这家已经查完，不能再排除。")
    step = DrawStep(DrawEventKind.EXCLUDED, unit=code)
    digest = _append(session, draw, step, words, actor=actor, now=now)
    if assignment is not None and assignment.state not in _ENDED:
        put_state(session, assignment, AssignmentState.EXCLUDED, actor=actor, now=now, note=words)
    _audit(session, UNIT_EXCLUDED, campaign, draw, words, digest, actor=actor, now=now)


def _opened_already(session: Session, left: Assignment) -> str:
    """Who opened the substitute before, where two managers look at one board."""
    events = select(AssignmentEvent).where(AssignmentEvent.assignment_id == left.id)
    last = session.exec(events.order_by(col(AssignmentEvent.id).desc())).first()
    by = "" if last is None else f"{last.recorded_by}在 {moment(last.happened_at)} "
    return f"这家已由{by}打开过递补；请刷新，看递补的是哪一家。"


def open_substitute(
    session: Session,
    key: str,
    replaced: str,
    *,
    actor: str,
    now: datetime,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> str:
    """Open the next substitute of a unit's stratum in its place; gives the substitute's code."""
    campaign = campaign_of(session, key, CampaignState.DRAWN)
    draw = current_draw(session, campaign)
    left = assignment_at(session, draw, replaced)
    if left is not None and left.state is AssignmentState.SUBSTITUTED:
        raise CampaignError(_opened_already(session, left))
    if left is None or left.state not in SUBSTITUTE_REASONS:
        raise CampaignError("只有关门、未能检查或已排除的单位可以递补；请先记录它的情况。")
    code = play_of(session, draw).next_substitute(left.stratum or "")
    if code is None:
        raise CampaignError(f"“{left.stratum}”层的递补单位已经用完。")
    reason = SUBSTITUTE_REASONS[left.state]
    step = DrawStep(DrawEventKind.SUBSTITUTE_OPENED, unit=code, replaces=replaced)
    digest = _append(session, draw, step, reason, actor=actor, now=now)
    if left.state is not AssignmentState.EXCLUDED:
        put_state(session, left, AssignmentState.SUBSTITUTED, actor=actor, now=now, note=reason)
    add_drawn(
        session, campaign, draw, read_private(draw.private), play_of(session, draw).chosen[code],
        release_on=civil_day(now), actor=actor, now=now, replaces=left, random_bytes=random_bytes,
    )  # fmt: skip
    _audit(session, SUBSTITUTE_OPENED, campaign, draw, reason, digest, actor=actor, now=now)
    return code


def replace_inspector(
    session: Session, key: str, code: str, account_id: int, reason: str, *, actor: str, now: datetime
) -> None:
    """Let the next inspector in a unit's own order take the place of one who must not or cannot go."""
    campaign = campaign_of(session, key, CampaignState.DRAWN)
    draw, words = current_draw(session, campaign), _reason(INSPECTOR_REASONS, reason)
    private, assignment = read_private(draw.private), assignment_at(session, draw, code)
    number = private.number_of(account_id)
    if assignment is None or number is None or assignment.state in _ENDED:
        raise CampaignError("这位检查人员现在不负责这家单位。")
    step = DrawStep(DrawEventKind.INSPECTOR_REPLACED, unit=code, inspector=number)
    digest = _append(session, draw, step, words, actor=actor, now=now)
    team = [private.inspectors[one] for one in play_of(session, draw).chosen[code].inspectors]
    if len(team) < TEAM:
        raise CampaignError("没有其他检查人员可以接替；请作废并重新抽取，承诺时增加检查人员。")
    # What the first team began, heard of or not, stays its own record; the new one begins its own visit.
    renew_public_id(session, assignment, reason=words, actor=actor, now=now)
    assignment.lead_account_id, assignment.second_account_id = team[0], team[1]
    put_state(session, assignment, AssignmentState.WAITING, actor=actor, now=now, note=words)
    _audit(session, INSPECTOR_REPLACED, campaign, draw, words, digest, actor=actor, now=now)


def redraw(
    session: Session,
    key: str,
    reason: str,
    announcement: Announcement,
    *,
    actor: str,
    now: datetime,
    accounts: Collection[int] | None = None,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> Committed:
    """Give up a draw, which stays in the certificate whole, and commit anew for another announced value."""
    campaign = campaign_of(session, key, CampaignState.COMMITTED, CampaignState.DRAWN)
    draw, words = current_draw(session, campaign), reason.strip()
    if not words or len(words) > LONGEST_REASON:
        raise CampaignError(f"请写明作废的理由，不超过 {LONGEST_REASON} 字；它会公布，不要写个人信息。")
    done = _end_assignments(session, draw, words, actor=actor, now=now)
    digest = append_event(session, draw, DrawStep(DrawEventKind.REDRAWN), actor=actor, now=now, reason=words)
    draw.voided_at = now
    session.add(draw)
    _audit(session, REDRAWN, campaign, draw, words, digest, actor=actor, now=now)
    committed = commit_draw(
        session, campaign, announcement, number=draw.number + 1, actor=actor, now=now,
        accounts=accounts, without=done, random_bytes=random_bytes,
    )  # fmt: skip
    if campaign.reveal_by is None or civil_day(announcement.at) > campaign.reveal_by:
        raise CampaignError(
            f"名单最迟 {campaign.reveal_by} 公布，重新抽取排在它之后；请把公开值的时间提前，或先公布名单。"
        )
    return committed


def assignment_at(session: Session, draw: Draw, code: str) -> Assignment | None:
    """The assignment of a draw by the unit's door code; none where the unit was not drawn."""
    unit_id, _ = read_private(draw.private).units.get(code, (0, 0))
    query = select(Assignment).where(Assignment.draw_id == draw.id, Assignment.unit_id == unit_id)
    return session.exec(query.with_for_update()).first()


def _end_assignments(session: Session, draw: Draw, reason: str, *, actor: str, now: datetime) -> list[int]:
    """End what was not done of a draw that is given up; gives the units that were visited all the same."""
    rows = session.exec(
        select(Assignment).where(Assignment.draw_id == draw.id).order_by(col(Assignment.id))
    ).all()
    for assignment in rows:
        if assignment.state not in (*_ENDED, AssignmentState.ON_SITE):
            put_state(session, assignment, AssignmentState.EXCLUDED, actor=actor, now=now, note=reason)
    visited = (AssignmentState.DONE, AssignmentState.ON_SITE)
    return [one.unit_id for one in rows if one.state in visited]


def _append(session: Session, draw: Draw, step: DrawStep, reason: str, *, actor: str, now: datetime) -> str:
    """Append an event that the draw allows as it stands."""
    play = opened(session, draw).play()
    try:
        if play is not None:
            play.take([step])
    except DrawError as fault:
        raise CampaignError(str(fault)) from fault
    return append_event(session, draw, step, actor=actor, now=now, reason=reason)


def _reason(reasons: dict[str, str], word: str) -> str:
    if word not in reasons:
        known = "、".join(f"{key}（{words}）" for key, words in reasons.items())
        raise CampaignError(f"理由“{word}”不在可选之列；可用的有：{known}。")
    return reasons[word]


def _audit(
    session: Session,
    event: str,
    campaign: Campaign,
    draw: Draw,
    reason: str,
    digest: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    # Which unit it is stands in the draw's own events: the chain binds them by hash and tells nothing.
    fields = {"campaign": campaign.key, "draw": draw.number, "reason": reason, "event_sha256": digest}
    write_audit(session, event, actor=actor, now=now, fields=fields)
