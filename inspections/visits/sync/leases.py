"""Record numbers and unit links leased to tablets, so that paper handed over without a network is valid."""

import re
from datetime import datetime

from sqlmodel import Session, col, func, select

from inspections.people.tables import StaffSession
from inspections.record.database import insert_if_absent, table_of
from inspections.record.epochs import restored_at
from inspections.record.settings import Settings
from inspections.units.links import hash_of_link, lease_links, unbound_count
from inspections.units.tables import UnitLink
from inspections.visits.sync.opening import Sender
from inspections.visits.sync.refusals import RefusedError
from inspections.visits.sync.tables import FieldVisit, RecordNumberBlock

NUMBERS_IN_A_BLOCK = 50
FEWEST_NUMBERS = 25
LINKS_ON_A_TABLET = 20
# More than any bureau leases between a backup and its restore: these numbers stand on paper already.
LOST_WITH_A_RESTORE = 5_000
# A tablet that loses every answer would otherwise lease links without end.
MOST_UNUSED_LINKS = 400
_NUMBER = re.compile(r"〔([0-9]{4})〕([0-9]{6})号$")


def record_number(prefix: str, year: int, number: int) -> str:
    """A record number as it stands on paper."""
    return f"{prefix}〔{year}〕{number:06}号"


def lease_numbers(session: Session, tablet_id: int, *, settings: Settings, now: datetime) -> list[str]:
    """The unused record numbers of a tablet for the year, a new block where few are left."""
    year, prefix = settings.on.year, settings.text("record_prefix")
    used = _used_numbers(session, year)
    free = [number for number in _leased(session, tablet_id, year) if number not in used]
    if len(free) < FEWEST_NUMBERS:
        free += _new_block(session, tablet_id, year, now)
    return [record_number(prefix, year, number) for number in free]


def _leased(session: Session, tablet_id: int, year: int) -> list[int]:
    query = select(RecordNumberBlock).where(
        RecordNumberBlock.tablet_id == tablet_id, RecordNumberBlock.year == year
    )
    blocks = session.exec(query.order_by(col(RecordNumberBlock.first)))
    return [number for block in blocks for number in range(block.first, block.last + 1)]


def _used_numbers(session: Session, year: int) -> set[int]:
    query = select(FieldVisit.record_number).where(col(FieldVisit.record_number).contains(f"〔{year}〕"))
    found = (_NUMBER.search(text or "") for text in session.exec(query))
    return {int(match.group(2)) for match in found if match is not None}


def _new_block(session: Session, tablet_id: int, year: int, now: datetime) -> range:
    """The next block of the year: tried again while other tablets take it at the same moment."""
    while True:
        first = _first_free(session, year)
        row = {
            "tablet_id": tablet_id,
            "year": year,
            "first": first,
            "last": first + NUMBERS_IN_A_BLOCK - 1,
            "leased_at": now,
        }
        if insert_if_absent(session, table_of(RecordNumberBlock), row):
            return range(first, first + NUMBERS_IN_A_BLOCK)


def _first_free(session: Session, year: int) -> int:
    """The number behind the last block; after a restore, behind those that the backup did not know."""
    rows = select(func.max(RecordNumberBlock.last)).where(RecordNumberBlock.year == year)
    last = session.exec(rows).one() or 0
    restored = restored_at(session)
    if restored is None or session.exec(rows.where(RecordNumberBlock.leased_at >= restored)).one():
        return last + 1
    return last + LOST_WITH_A_RESTORE + 1


def _was_lost(session: Session, year: int, number: int) -> bool:
    """Whether a number may have been leased after the backup from which this database was restored."""
    restored = restored_at(session)
    if restored is None:
        return False
    rows = select(func.max(RecordNumberBlock.last)).where(RecordNumberBlock.year == year)
    known = session.exec(rows.where(RecordNumberBlock.leased_at < restored)).one() or 0
    return known < number <= known + LOST_WITH_A_RESTORE


def _tablets_of(session: Session, sender: Sender) -> frozenset[int]:
    """The tablets on which the sender has signed in: a draft moves between them with what its papers say."""
    query = select(StaffSession.tablet_id).where(
        StaffSession.account_id == sender.account_id, col(StaffSession.tablet_id).is_not(None)
    )
    return frozenset((sender.tablet_id, *(tablet_id or 0 for tablet_id in session.exec(query))))


def require_leased_number(session: Session, number: str, visit: FieldVisit, sender: Sender) -> None:
    """A record number must come from a block of one of the signer's tablets and stand on one visit only."""
    if visit.record_number is not None:
        if visit.record_number != number:
            raise RefusedError("number_not_leased")
        return
    match = _NUMBER.search(number)
    query = select(FieldVisit.id).where(FieldVisit.record_number == number)
    if match is None or session.exec(query).first() is not None:
        raise RefusedError("number_not_leased")
    year, value = int(match.group(1)), int(match.group(2))
    is_leased = any(value in _leased(session, tablet_id, year) for tablet_id in _tablets_of(session, sender))
    if not is_leased and not _was_lost(session, year, value):
        raise RefusedError("number_not_leased")


def top_up_links(session: Session, tablet_id: int, *, held: int, now: datetime) -> list[tuple[str, str]]:
    """New unit links so that a tablet holds twenty: each token with its hash, given once."""
    room = MOST_UNUSED_LINKS - unbound_count(session, tablet_id)
    wanted = max(0, min(LINKS_ON_A_TABLET - held, room))
    tokens = lease_links(session, tablet_id=tablet_id, count=wanted, now=now)
    return [(token, hash_of_link(token)) for token in tokens]


def require_leased_link(session: Session, token_hash: str, unit_id: int, sender: Sender) -> None:
    """A link that a visit hands over must be leased to a tablet of its sender, and not be another unit's."""
    link = session.exec(select(UnitLink).where(UnitLink.token_hash == token_hash)).first()
    leased_at = restored_at(session)
    if link is None and leased_at is not None:
        # Leased after the backup from which this database was restored, and in the operator's hands.
        session.add(
            UnitLink(token_hash=token_hash, leased_to_tablet_id=sender.tablet_id, leased_at=leased_at)
        )
        session.flush()
        return
    refused = (
        link is None
        or link.leased_to_tablet_id not in _tablets_of(session, sender)
        or link.revoked_at is not None
        or link.unit_id not in {None, unit_id}
    )
    if refused:
        raise RefusedError("link_not_leased")
