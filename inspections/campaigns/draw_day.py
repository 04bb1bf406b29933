"""Use cases of the draw itself: the public value is entered, and the draw is run from it."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from inspections.campaigns.assigning import RandomBytes, new_public_id, settle_tasks
from inspections.campaigns.drawing.commitments import normal_value, seed_of
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.replay import Chosen
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.pool import is_trading
from inspections.campaigns.service import campaign_of
from inspections.campaigns.stored_draws import (
    Private,
    append_event,
    newest_draw,
    play_of,
    read_private,
)
from inspections.campaigns.tables import (
    Assignment,
    AssignmentSource,
    AssignmentState,
    Campaign,
    CampaignState,
    Draw,
)
from inspections.campaigns.words import EXCLUSION_REASONS
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import PEOPLE_ZONE, civil_day
from inspections.units.queries import Door, doors

VALUE_ENTERED = declare_event("draw_value_entered", "campaign", "draw", "value", "source", "event_sha256")
DRAW_RUN = declare_event("draw_run", "campaign", "draw", "units", "excluded", "event_sha256")

SHORTEST_VALUE = 6
LONGEST_VALUE = 200


@dataclass(frozen=True)
class GivenValue:
    """A public value as it was seen; a link or the hash of a kept picture proves it."""

    text: str
    source: str
    known_at: datetime
    link: str | None = None
    photo_sha256: str | None = None


@dataclass(frozen=True)
class DrawResult:
    """How many a draw chose, and how many the register had taken out before."""

    units: int
    excluded: int


def enter_value(session: Session, key: str, value: GivenValue, *, actor: str, now: datetime) -> None:
    """Record the public value; it can be entered once, and never before its announced time."""
    campaign = campaign_of(session, key, CampaignState.COMMITTED)
    draw = current_draw(session, campaign)
    if draw.public_value is not None:
        raise CampaignError("公开值已经录入，不能改；有错就作废并重新抽取，需要新的承诺和新的公开值。")
    text = normal_value(value.text)
    _require_value(draw, text, value, now)
    draw.public_value, draw.value_source = text, value.source.strip()
    draw.value_link, draw.value_photo_sha256 = value.link, value.photo_sha256
    draw.value_known_at, draw.value_entered_by = value.known_at, actor
    draw.seed = seed_of(bytes.fromhex(draw.nonce_hex), text)
    session.add(draw)
    digest = append_event(session, draw, DrawStep(DrawEventKind.VALUE_ENTERED), actor=actor, now=now)
    fields = {
        "campaign": key, "draw": draw.number, "value": text, "source": draw.value_source,
        "event_sha256": digest,
    }  # fmt: skip
    write_audit(session, VALUE_ENTERED, actor=actor, now=now, fields=fields)


def run_draw(
    session: Session,
    key: str,
    *,
    release_on: date,
    actor: str,
    now: datetime,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> DrawResult:
    """Draw from the entered value; inspectors see their units from the release day on."""
    campaign = campaign_of(session, key, CampaignState.COMMITTED)
    draw = current_draw(session, campaign)
    if draw.public_value is None:
        raise CampaignError("还没有录入公开值；请先录入公开值，再抽取。")
    if release_on < civil_day(now):
        raise CampaignError("派发日期已经过了；请写今天或以后的日期。")
    private = read_private(draw.private)
    gone = _no_longer_there(session, private, civil_day(now))
    for code, reason in gone.items():
        append_event(
            session, draw, DrawStep(DrawEventKind.EXCLUDED, unit=code), actor=actor, now=now, reason=reason
        )
    digest = append_event(session, draw, DrawStep(DrawEventKind.DRAWN), actor=actor, now=now)
    draw.drawn_at = now
    session.add(draw)
    chosen = list(play_of(session, draw).chosen.values())
    for one in chosen:
        add_drawn(
            session, campaign, draw, private, one, release_on=release_on, actor=actor, now=now,
            random_bytes=random_bytes,
        )  # fmt: skip
    campaign.state = CampaignState.DRAWN
    session.add(campaign)
    fields = {
        "campaign": key, "draw": draw.number, "units": len(chosen), "excluded": len(gone),
        "event_sha256": digest,
    }  # fmt: skip
    write_audit(session, DRAW_RUN, actor=actor, now=now, fields=fields)
    return DrawResult(len(chosen), len(gone))


def add_drawn(
    session: Session,
    campaign: Campaign,
    draw: Draw,
    private: Private,
    one: Chosen,
    *,
    release_on: date | None,
    actor: str,
    now: datetime,
    replaces: Assignment | None = None,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> Assignment:
    """The assignment of a unit that was drawn or opened as a substitute."""
    unit_id, premises_id = private.units[one.unit]
    team = [private.inspectors[number] for number in one.inspectors]
    lead, second = (*team, None, None)[:2]
    assignment = Assignment(
        public_id=new_public_id(random_bytes),
        unit_id=unit_id,
        premises_id=premises_id,
        kind="campaign",
        source=AssignmentSource.DRAW,
        reason=f"随机查餐厅 {campaign.key}",
        campaign_id=campaign.id,
        draw_id=draw.id,
        stratum=one.stratum,
        place=one.place,
        is_substitute=one.replaces is not None,
        replaces_id=replaces.id if replaces is not None else None,
        state=AssignmentState.WAITING,
        state_at=now,
        lead_account_id=lead,
        second_account_id=second,
        release_on=release_on,
        items="",
        made_by=actor,
        made_at=now,
    )
    session.add(assignment)
    session.flush()
    settle_tasks(session, assignment)
    return assignment


def current_draw(session: Session, campaign: Campaign) -> Draw:
    """The draw of a campaign that counts."""
    draw = newest_draw(session, campaign.id or 0)
    if draw is None:
        raise CampaignError(f"{campaign.key} 这一期还没有承诺；请先关闭抽查库并承诺。")
    return draw


def _require_value(draw: Draw, text: str, value: GivenValue, now: datetime) -> None:
    announced = draw.announced_at.astimezone(PEOPLE_ZONE)
    if now < draw.announced_at or value.known_at < draw.announced_at:
        raise CampaignError(f"公告的时间是 {announced:%Y-%m-%d %H:%M}，公开值不能早于这个时间产生或录入。")
    if value.known_at > now:
        raise CampaignError("公开值产生的时间在将来；请核对时间。")
    if not SHORTEST_VALUE <= len(text) <= LONGEST_VALUE:
        raise CampaignError(
            f"公开值有 {len(text)} 个字符，应为 {SHORTEST_VALUE} 到 {LONGEST_VALUE} 个；太短的值猜得到。"
        )
    if not value.source.strip():
        raise CampaignError("没有写公开值的来源；请写明谁、在哪里、用什么产生。")
    if value.link is None and value.photo_sha256 is None:
        raise CampaignError("公开值没有凭据；请附照片，或写明可以查到它的网址。")
    if value.link is not None and not value.link.startswith(("http://", "https://")):
        raise CampaignError("网址看不懂；请写以 https:// 开头的完整网址。")


def _no_longer_there(session: Session, private: Private, on: date) -> dict[str, str]:
    """Why units of the roster cannot be drawn any more, by code: the register says it, nobody chooses."""
    behind = doors(session, [premises_id for _, premises_id in private.units.values()], on)
    found = {}
    for code, (unit_id, premises_id) in sorted(private.units.items()):
        reason = why_gone(behind.get(premises_id), unit_id, on)
        if reason is not None:
            found[code] = EXCLUSION_REASONS[reason]
    return found


def why_gone(door: Door | None, unit_id: int, on: date) -> str | None:
    """Why a unit is no longer the one that trades at its door, as a word of the reasons; none where it is."""
    if door is None or door.unit is None:
        return "ended"
    if door.unit.unit_id != unit_id:
        return "new_operator"
    return None if is_trading(door.unit, on) else "ended"
