"""The use case of drafting: an editor's lines become the present version of a month's edition."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inspections.campaigns.public_view import draw_told
from inspections.people.service import ROLE_WORDS, list_accounts
from inspections.people.tables import Role
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.command_line import CLI
from inspections.record.marks import is_demonstration
from inspections.record.settings import settings_on
from inspections.surface.sheets.faults import Fault
from publishing.editions.candidates import VisitBehind, checked_in_month, themes_of_month, visits_behind
from publishing.editions.checks import Strictness, heading_faults, line_faults, objection_until
from publishing.editions.drafts import (
    Draft,
    DraftError,
    DraftLine,
    EditionError,
    SavedDraft,
    SavedLine,
    checked_month,
    draft_text,
    read_draft,
    text_hash,
)
from publishing.editions.tables import Edition, EditionKind, EditionVersion

EDITION_DRAFTED = declare_event(
    "edition_drafted", "month", "version", "draft_hash", "red", "black", "entries"
)


@dataclass(frozen=True)
class ReadLines:
    """The lines of an edited table with their rows, and the faults of its cells."""

    lines: tuple[DraftLine, ...]
    rows: tuple[int, ...]
    faults: tuple[Fault, ...]


def save_draft(
    session: Session, draft: Draft, *, actor: str, now: datetime, sheet: ReadLines | None = None
) -> str:
    """Save a month's lines as the present draft and return its hash; approvals of another text lapse by it.

    `sheet` is the table that the lines were read from: its faults and rows stand in the refusal.
    """
    require_role(session, actor, Role.EDITOR)
    edition = find_edition(session, checked_month(draft.month), to_change=True)
    if edition is not None and edition.published_at is not None:
        raise EditionError(
            f"{draft.month} 期已于 {edition.published_on} 公示，不能再改；"
            "有错的条目请用 edition withdraw 撤下。"
        )
    on = civil_day(now)
    strict = Strictness(on, settings_on(session, on), not is_demonstration(session))
    visits = visits_behind(session, {line.visit_id for line in draft.lines})
    places = sheet.rows if sheet is not None else [line.number for line in draft.lines]
    faults = [*heading_faults(draft), *line_faults(draft.lines, visits, places, strict)]
    faults += sheet.faults if sheet is not None else ()
    if faults:
        raise DraftError(sorted(faults, key=lambda fault: fault.row))
    saved = SavedDraft(
        month=draft.month,
        authority=strict.settings.text("authority"),
        theme=draft.theme,
        issue_no=draft.issue_no,
        chosen_how=draft.chosen_how,
        drawn=draft.drawn,
        checked=draft.checked,
        lines=tuple(_line(line, visits[line.visit_id], strict, actor) for line in draft.lines),
    )
    return _save(session, edition, saved, actor=actor, now=now)


def _line(line: DraftLine, visit: VisitBehind, strict: Strictness, confirmed_by: str) -> SavedLine:
    return SavedLine(
        number=line.number,
        list_word=line.list_word,
        visit_id=visit.visit_id,
        unit_id=visit.unit_id,
        premises_id=visit.premises_id,
        sign_name=visit.sign_name,
        holder_shown=visit.holder_shown or "",
        address=visit.address,
        inspected_on=visit.visited_on,
        decided_result=visit.decided_result or "",
        reasons=tuple(reason.strip() for reason in line.reasons if reason.strip()),
        measures=line.measures,
        told_on=line.told_on,
        told_how=line.told_how,
        objection_until_on=objection_until(line, strict.settings) if line.list_word == "black" else None,
        no_personal_names_by=confirmed_by,
    )


def _save(session: Session, edition: Edition | None, draft: SavedDraft, *, actor: str, now: datetime) -> str:
    text = draft_text(draft)
    digest = text_hash(text)
    if edition is not None and edition.draft_hash == digest:
        return digest
    edition = edition or Edition(key=draft.month, month=draft.month, authority=draft.authority)
    edition.draft_hash, edition.authority = digest, draft.authority
    edition.theme, edition.issue_no, edition.chosen_how = draft.theme, draft.issue_no, draft.chosen_how
    edition.drawn, edition.checked = draft.drawn, draft.checked
    _keep(session, edition)
    version = add_version(session, edition.id or 0, text, digest, made_by=actor, now=now)
    fields = {
        "month": draft.month, "version": version, "draft_hash": digest,
        "red": draft.count("red"), "black": draft.count("black"), "entries": len(draft.lines),
    }  # fmt: skip
    write_audit(session, EDITION_DRAFTED, actor=actor, now=now, fields=fields)
    return digest


def _keep(session: Session, edition: Edition) -> None:
    session.add(edition)
    try:
        session.flush()
    except IntegrityError as error:
        raise EditionError(
            f"{edition.key} 期刚由另一人起草；请用 edition show {edition.key} 查看后再改。"
        ) from error


def with_heading(
    session: Session, month: str, lines: tuple[DraftLine, ...], given: Mapping[str, str | int | None]
) -> Draft:
    """A draft with the heading as given now, else as the present draft, else as campaign and records say."""
    found = find_edition(session, month)
    heading = _heading_of_month(session, month)
    if found is not None:
        saved = asdict(read_draft(newest_text(session, found.id or 0)))
        heading |= {key: saved[key] for key in heading if saved[key] not in (None, "")}
    heading |= {key: value for key, value in given.items() if value is not None}
    return Draft(month=month, lines=lines, **heading)  # type: ignore[arg-type]  # one key, one field


def _heading_of_month(session: Session, month: str) -> dict[str, str | int | None]:
    told, checked = draw_told(session, month), checked_in_month(session, month) or None
    if told is not None:
        return {
            "theme": told.theme, "issue_no": told.issue_no, "chosen_how": told.how, "drawn": told.drawn,
            "checked": checked,
        }  # fmt: skip
    themes = themes_of_month(session, month)
    return {
        "theme": themes.pop() if len(themes) == 1 else None, "issue_no": int(month[5:]), "chosen_how": "",
        "drawn": None, "checked": checked,
    }  # fmt: skip


def require_role(session: Session, name: str, role: Role) -> None:
    """Refuse a decision by a name that is no live account with the role it needs."""
    if name not in holders_of(session, role):
        raise EditionError(f"“{name}”没有“{ROLE_WORDS[role]}”角色，不能做这一步；请换有此角色的账号。")


def holders_of(session: Session, role: Role) -> set[str]:
    """The names of live accounts that have the role now."""
    accounts = list_accounts(session)
    return {name for name, roles, revoked_at in accounts if revoked_at is None and role in roles}


def find_edition(session: Session, key: str, *, to_change: bool = False) -> Edition | None:
    """An edition by its key: a month, or the key of a historical one.

    `to_change` holds the row until the end of the transaction, so that on PostgreSQL, too, drafting,
    approving, publishing and withdrawing the same edition happen one after the other.
    """
    query = select(Edition).where(Edition.key == key)
    return session.exec(query.with_for_update() if to_change else query).first()


def drafted_edition(session: Session, month: str, *, to_change: bool = False) -> tuple[Edition, SavedDraft]:
    """A month's edition with its present draft."""
    edition = find_edition(session, checked_month(month), to_change=to_change)
    if edition is None or edition.kind is not EditionKind.OWN:
        raise EditionError(f"{month} 期还没有草稿；请先运行 {CLI} edition draft {month}。")
    return edition, read_draft(newest_text(session, edition.id or 0))


def add_version(
    session: Session, edition_id: int, text: str, sha256: str, *, made_by: str, now: datetime
) -> int:
    """Append a version of an edition's text and return its number."""
    number = newest_number(session, edition_id) + 1
    session.add(
        EditionVersion(
            edition_id=edition_id, number=number, text=text, sha256=sha256, made_by=made_by, made_at=now
        )
    )
    session.flush()
    return number


def newest_number(session: Session, edition_id: int) -> int:
    """The number of the newest version, 0 before the first."""
    query = select(func.max(EditionVersion.number)).where(EditionVersion.edition_id == edition_id)
    return session.exec(query).one() or 0


def newest_text(session: Session, edition_id: int) -> str:
    """The text of the newest version."""
    query = select(EditionVersion.text).where(EditionVersion.edition_id == edition_id)
    return session.exec(query.order_by(col(EditionVersion.number).desc())).first() or ""
