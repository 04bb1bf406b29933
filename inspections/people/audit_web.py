"""The auditor's page: every act that decided something, newest first, by whom and what exactly."""

import json
import re
from collections.abc import Sequence

from flask import Blueprint, Response
from sqlmodel import Session, col, func, select

from inspections.people.audit_words import EVENT_WORDS, FIELD_WORDS
from inspections.record.database import read_only
from inspections.record.tables import AuditEvent
from inspections.surface.forms import asked, asked_page
from inspections.surface.staff import staff_page, this_house

audit_pages = Blueprint("audit", __name__, url_prefix="/desk/audit")

PAGE = 100
_SHORT = 12
_HASH = re.compile(r"[0-9a-f]{64}")


@audit_pages.get("/")
def entries() -> Response:
    """A page of the audit chain; event, name and page stand in the address."""
    event, actor, page = asked("event"), asked("actor"), asked_page()
    with read_only(this_house().engine) as session:
        rows, total = _rows(session, event, actor, page)
    return staff_page(
        "audit.html",
        rows=[(row, _in_words(json.loads(row.fields))) for row in rows],
        words=EVENT_WORDS,
        events=(("", "全部"), *sorted(EVENT_WORDS.items(), key=lambda pair: pair[1])),
        event=event,
        actor=actor,
        page=page,
        total=total,
        last=max(1, -(-total // PAGE)),
    )


def _rows(session: Session, event: str, actor: str, page: int) -> tuple[Sequence[AuditEvent], int]:
    query, counted = select(AuditEvent), select(func.count()).select_from(AuditEvent)
    if event:
        query, counted = query.where(AuditEvent.event == event), counted.where(AuditEvent.event == event)
    if actor:
        query, counted = query.where(AuditEvent.actor == actor), counted.where(AuditEvent.actor == actor)
    rows = session.exec(query.order_by(col(AuditEvent.id).desc()).limit(PAGE).offset((page - 1) * PAGE))
    return rows.all(), session.exec(counted).one()


def _in_words(fields: dict[str, object]) -> list[tuple[str, str]]:
    """What an event carries, as people read it; hashes as far as they can be told apart."""
    said = []
    for name, value in fields.items():
        if value in (None, "", []):
            continue
        text = {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
        if isinstance(value, list):
            text = "、".join(map(str, value))
        said.append((FIELD_WORDS.get(name, name), f"{text[:_SHORT]}…" if _HASH.fullmatch(text) else text))
    return said
