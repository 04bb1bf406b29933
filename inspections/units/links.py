"""Unit links: leased to tablets in advance, bound to a unit by the visit that hands one over, revocable."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.errors import HouseError
from inspections.units.tables import CateringUnit, UnitLink, UnitLinkAct

UNIT_LINK_BOUND = declare_event("unit_link_bound", "link", "unit", "record", "expires_on")
UNIT_LINK_RENEWED = declare_event("unit_link_renewed", "link", "unit", "expires_on", "replaces")
UNIT_LINK_REVOKED = declare_event("unit_link_revoked", "link", "unit", "reason")

_BITS = 128


class UnitLinkError(HouseError):
    """A unit link that is not there, or cannot be used as asked."""


@dataclass(frozen=True)
class LiveLink:
    """A link that holds today: whose it is and until when."""

    link_id: int
    token_hash: str
    unit_id: int
    expires_on: date
    record_key: str | None


def new_token() -> str:
    """128 random bits as 26 characters that survive printing and typing (base 32, lower case)."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    number = secrets.randbits(_BITS)
    return "".join(alphabet[(number >> shift) & 31] for shift in range(0, _BITS + 2, 5))


def hash_of_link(token: str) -> str:
    """What is stored of a link's token."""
    return hashlib.sha256(token.strip().lower().encode()).hexdigest()


def lease_links(session: Session, *, tablet_id: int, count: int, now: datetime) -> list[str]:
    """Lease fresh links to a tablet and give their tokens, once; until a visit binds one it shows nothing."""
    tokens = [new_token() for _ in range(count)]
    session.add_all(
        UnitLink(token_hash=hash_of_link(token), leased_to_tablet_id=tablet_id, leased_at=now)
        for token in tokens
    )
    session.flush()
    return tokens


def unbound_count(session: Session, tablet_id: int) -> int:
    """How many leased links of a tablet nobody has used yet."""
    query = select(UnitLink.id).where(
        UnitLink.leased_to_tablet_id == tablet_id,
        col(UnitLink.unit_id).is_(None),
        col(UnitLink.revoked_at).is_(None),
    )
    return len(session.exec(query).all())


def bind_link(
    session: Session,
    token_hash: str,
    *,
    unit_id: int,
    record_key: str,
    lasts_days: int,
    actor: str,
    on: date,
    now: datetime,
) -> int:
    """Bind a leased link to the unit it was handed to; binding it again to the same unit changes nothing."""
    link = session.exec(select(UnitLink).where(UnitLink.token_hash == token_hash).with_for_update()).first()
    if link is None or link.revoked_at is not None:
        raise UnitLinkError("这张凭单上的链接不是本局发放的，或已经作废；请另发一张。")
    if link.unit_id is not None:
        if link.unit_id != unit_id:
            raise UnitLinkError("这张凭单已经交给另一家单位；请另发一张。")
        return link.id or 0
    link.unit_id, link.bound_at, link.bound_by = unit_id, now, actor
    link.record_key, link.expires_on = record_key, on + timedelta(days=lasts_days)
    session.add(link)
    fields = {
        "link": link.id,
        "unit": unit_id,
        "record": record_key,
        "expires_on": link.expires_on.isoformat(),
    }
    write_audit(session, UNIT_LINK_BOUND, actor=actor, now=now, fields=fields)
    return link.id or 0


def renew_link(
    session: Session, unit_id: int, *, lasts_days: int, actor: str, on: date, now: datetime
) -> tuple[int, str]:
    """Give a unit a new link in place of those it has; its number and its token, which is shown once."""
    if session.get(CateringUnit, unit_id) is None:
        raise UnitLinkError("没有这家单位；请从名册重新进入。")
    replaced = [link for link in links_of_unit(session, unit_id) if link.revoked_at is None]
    for old in replaced:
        revoke_link(session, old.id or 0, reason="换发", actor=actor, now=now)
    token = new_token()
    link = UnitLink(
        token_hash=hash_of_link(token),
        leased_at=now,
        unit_id=unit_id,
        bound_at=now,
        bound_by=actor,
        expires_on=on + timedelta(days=lasts_days),
    )
    session.add(link)
    session.flush()
    link_id = link.id or 0
    note_act(session, link_id, "renewed", note=actor, now=now)
    fields = {
        "link": link_id,
        "unit": unit_id,
        "expires_on": (on + timedelta(days=lasts_days)).isoformat(),
        "replaces": [old.id for old in replaced],
    }
    write_audit(session, UNIT_LINK_RENEWED, actor=actor, now=now, fields=fields)
    return link_id, token


def revoke_link(
    session: Session, link_id: int, *, reason: str, actor: str, now: datetime, unit_id: int | None = None
) -> None:
    """Make a link worthless from now on; what was done through it stays on record."""
    link = session.get(UnitLink, link_id)
    if link is None or (unit_id is not None and link.unit_id != unit_id):
        raise UnitLinkError(f"没有编号为 {link_id} 的单位链接；请从单位页进入。")
    if not reason.strip():
        raise UnitLinkError("作废单位链接要写明原因。")
    if link.revoked_at is not None:
        return
    link.revoked_at, link.revoked_by = now, actor
    session.add(link)
    note_act(session, link_id, "revoked", note=f"{actor}：{reason.strip()}", now=now)
    fields = {"link": link_id, "unit": link.unit_id, "reason": reason.strip()}
    write_audit(session, UNIT_LINK_REVOKED, actor=actor, now=now, fields=fields)


def move_link(session: Session, record_key: str, *, unit_id: int) -> list[int]:
    """Give the link that a visit handed over to the unit that the visit is booked to; its id."""
    links = session.exec(select(UnitLink).where(UnitLink.record_key == record_key)).all()
    for link in links:
        link.unit_id = unit_id
        session.add(link)
    return [link.id or 0 for link in links]


def live_links(session: Session, on: date) -> list[LiveLink]:
    """Every bound link that holds on a day."""
    query = select(UnitLink).where(
        col(UnitLink.unit_id).is_not(None),
        col(UnitLink.revoked_at).is_(None),
        col(UnitLink.expires_on) >= on,
    )
    return [
        LiveLink(row.id or 0, row.token_hash, row.unit_id or 0, row.expires_on or on, row.record_key)
        for row in session.exec(query.order_by(col(UnitLink.id)))
    ]


def links_of_unit(session: Session, unit_id: int) -> list[UnitLink]:
    """Every link a unit was ever given, newest first."""
    query = select(UnitLink).where(UnitLink.unit_id == unit_id).order_by(col(UnitLink.id).desc())
    return list(session.exec(query))


def note_act(session: Session, link_id: int, act: str, *, note: str, now: datetime) -> None:
    """Log something that was done through a link, or to it."""
    session.add(UnitLinkAct(link_id=link_id, act=act, happened_at=now, note=note))


def note_openings(session: Session, link_id: int, on: date, opened: int, now: datetime) -> None:
    """Log how often a link has been opened on a day so far; only what is new becomes a line."""
    query = select(UnitLinkAct.times).where(
        UnitLinkAct.link_id == link_id, UnitLinkAct.act == "opened", UnitLinkAct.on == on
    )
    fresh = opened - sum(session.exec(query))
    if fresh > 0:
        session.add(UnitLinkAct(link_id=link_id, act="opened", happened_at=now, times=fresh, on=on))


def link_by_hash(session: Session, token_hash: str | None) -> UnitLink | None:
    """A link by what is stored of its token."""
    return session.exec(select(UnitLink).where(UnitLink.token_hash == token_hash)).first()


def acts_of(session: Session, link_ids: Collection[int]) -> list[UnitLinkAct]:
    """Everything that was done through these links, newest first."""
    query = select(UnitLinkAct).where(col(UnitLinkAct.link_id).in_(list(link_ids)))
    return list(session.exec(query.order_by(col(UnitLinkAct.id).desc())))
