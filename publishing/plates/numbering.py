"""Which number each plate gets: the same plate once more, or the next one in place of the last."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, reserve_ids, table_of
from publishing.plates.plate import PlateFacts
from publishing.plates.queries import chunks, newest_plates, withdrawn_ids
from publishing.plates.tables import Plate, PlateEvent, PlateEventKind

NEW_ADDRESS = "公开网址变了"
NEW_WORDS = "牌面内容变了"
ONCE_MORE = "补发"


@dataclass(frozen=True)
class Draft:
    """What a door's plate would say, before it has a number."""

    premises_id: int
    facts: PlateFacts


@dataclass
class Numbered:
    """Plates with their numbers and dates, and the ids of their rows; `rows` are those issued now."""

    plates: list[PlateFacts] = field(default_factory=list)
    plate_ids: list[int] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    replaced: list[tuple[Plate, str]] = field(default_factory=list)
    renewed_doors: list[int] = field(default_factory=list)


def number_plates(
    session: Session, drafts: Sequence[Draft], *, actor: str, now: datetime, anew: bool, reason: str
) -> Numbered:
    """Number the drafts, store the new plates, and note which older ones they replace and why."""
    done = Numbered()
    for part in chunks([draft.premises_id for draft in drafts]):
        newest = newest_plates(session, part)
        withdrawn = withdrawn_ids(session, [plate.id or 0 for plate in newest.values()])
        start = len(done.plates)
        for draft in drafts[start : start + len(part)]:
            last = newest.get(draft.premises_id)
            is_over = last is not None and last.id in withdrawn
            if last is not None and not (anew or is_over) and last.shown_sha256 == draft.facts.shown_sha256:
                _once_more(done, draft, last)
            else:
                _next(done, draft, last, actor)
                if last is not None and not is_over:
                    done.replaced.append((last, reason or _why(last, draft.facts)))
    _store(session, done, actor=actor, now=now)
    return done


def _once_more(done: Numbered, draft: Draft, last: Plate) -> None:
    done.plates.append(replace(draft.facts, issue_no=last.issue_no, printed_on=last.printed_on))
    done.plate_ids.append(last.id or 0)


def _next(done: Numbered, draft: Draft, last: Plate | None, actor: str) -> None:
    facts = replace(draft.facts, issue_no=last.issue_no + 1 if last else 1)
    done.plates.append(facts)
    done.plate_ids.append(0)
    done.rows.append(
        {
            "premises_id": draft.premises_id,
            "issue_no": facts.issue_no,
            "printed_on": facts.printed_on,
            "public_url": facts.public_url,
            "printed_by": actor,
            "shown_sha256": facts.shown_sha256,
        }
    )
    if last is not None:
        done.renewed_doors.append(draft.premises_id)


def _why(last: Plate, facts: PlateFacts) -> str:
    if last.public_url != facts.public_url:
        return NEW_ADDRESS
    return NEW_WORDS if last.shown_sha256 != facts.shown_sha256 else ONCE_MORE


def _store(session: Session, done: Numbered, *, actor: str, now: datetime) -> None:
    fresh = reserve_ids(session, table_of(Plate), len(done.rows))
    for row, plate_id in zip(done.rows, fresh, strict=True):
        row["id"] = plate_id
    unused = iter(fresh)
    done.plate_ids = [plate_id or next(unused) for plate_id in done.plate_ids]
    insert_rows(session, table_of(Plate), done.rows)
    on = max((facts.printed_on for facts in done.plates), default=None)
    events = [
        {
            "plate_id": plate.id,
            "kind": PlateEventKind.REPLACED,
            "happened_on": on,
            "person": None,
            "note": why,
            "recorded_at": now,
            "recorded_by": actor,
        }
        for plate, why in done.replaced
    ]
    insert_rows(session, table_of(PlateEvent), events)
    # Their pages say which plate is in force now.
    note_changes(session, Subject.PREMISES, done.renewed_doors)
