"""A stored draw as values: its commitment, what it keeps secret, and its play so far."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from inspections.campaigns.drawing.canonical import canonical, sha256_text
from inspections.campaigns.drawing.certificate import Commitment, Happening, OpenedDraw, PublicValue
from inspections.campaigns.drawing.commitments import BarredPair
from inspections.campaigns.drawing.events import DrawStep
from inspections.campaigns.drawing.replay import Play
from inspections.campaigns.drawing.roster import read_roster
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.tables import Draw, DrawEvent


@dataclass(frozen=True)
class Private:
    """Who stands behind the codes and numbers of a draw."""

    units: dict[str, tuple[int, int]]
    """Unit and premises by door code."""
    inspectors: dict[str, int]
    """Account by the number it has in this draw."""
    barred: tuple[BarredPair, ...]

    def text(self) -> str:
        """As it is stored."""
        pairs = [[pair.inspector, pair.unit, pair.salt] for pair in self.barred]
        return canonical({"units": self.units, "inspectors": self.inspectors, "barred": pairs})

    def number_of(self, account_id: int | None) -> str | None:
        """The number of an account in this draw."""
        return next((number for number, one in self.inspectors.items() if one == account_id), None)


def read_private(text: str) -> Private:
    """What was stored behind a draw."""
    read = json.loads(text)
    units = {code: (unit_id, premises_id) for code, (unit_id, premises_id) in read["units"].items()}
    return Private(units, read["inspectors"], tuple(BarredPair(*pair) for pair in read["barred"]))


def instant(at: datetime) -> str:
    """An instant as a certificate says it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def commitment_of(draw: Draw) -> Commitment:
    """What was public of a draw before it."""
    return Commitment(
        number=draw.number,
        roster_sha256=draw.roster_sha256,
        nonce_sha256=draw.nonce_sha256,
        committed_at=instant(draw.committed_at),
        source=draw.announced_source,
        value_at=instant(draw.announced_at),
    )


def events_of(session: Session, draw: Draw) -> list[DrawEvent]:
    """What happened to a draw, in order."""
    query = select(DrawEvent).where(DrawEvent.draw_id == draw.id).order_by(col(DrawEvent.number))
    return list(session.exec(query))


def step_of(event: DrawEvent) -> DrawStep:
    """An event as far as it decides who is visited by whom."""
    return DrawStep(event.kind, unit=event.code, replaces=event.replaces, inspector=event.inspector)


def opened(session: Session, draw: Draw) -> OpenedDraw:
    """All that a draw keeps secret until the reveal."""
    value = None
    if draw.public_value is not None and draw.value_known_at is not None:
        value = PublicValue(
            text=draw.public_value,
            source=draw.value_source or "",
            known_at=instant(draw.value_known_at),
            link=draw.value_link,
            photo=draw.value_photo_sha256,
        )
    return OpenedDraw(
        roster=read_roster(json.loads(draw.roster)),
        nonce=draw.nonce_hex,
        value=value,
        seed=draw.seed,
        barred=read_private(draw.private).barred,
        happenings=tuple(
            Happening(step_of(event), instant(event.happened_at), event.reason)
            for event in events_of(session, draw)
        ),
    )


def play_of(session: Session, draw: Draw) -> Play:
    """The draw as it stands now."""
    play = opened(session, draw).play()
    if play is None:
        raise CampaignError(f"第 {draw.number} 次抽取还没有录入公开值；请先录入。")
    return play


def append_event(
    session: Session,
    draw: Draw,
    step: DrawStep,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> str:
    """Append an event to a draw; gives the hash by which the audit chain binds it without telling it."""
    before = events_of(session, draw)
    # A clock that was set back must not put the events of a draw out of order.
    at = max([now, *(event.happened_at for event in before)])
    event = DrawEvent(
        draw_id=draw.id or 0,
        number=len(before) + 1,
        kind=step.kind,
        happened_at=at,
        recorded_by=actor,
        code=step.unit,
        replaces=step.replaces,
        inspector=step.inspector,
        reason=reason,
    )
    session.add(event)
    session.flush()
    return sha256_text(canonical(Happening(step, instant(at), reason).as_json(event.number)))


def newest_draw(session: Session, campaign_id: int) -> Draw | None:
    """The draw of a campaign that counts: the last one."""
    query = select(Draw).where(Draw.campaign_id == campaign_id).order_by(col(Draw.number).desc())
    return session.exec(query).first()


def draws_of(session: Session, campaign_id: int) -> Sequence[Draw]:
    """Every draw of a campaign, void ones too, in order."""
    return session.exec(select(Draw).where(Draw.campaign_id == campaign_id).order_by(col(Draw.number))).all()
