"""Use cases of tablets: an administrator's one-time code, the sign-in on a tablet, its revocation."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from inspections.people.recovery import recovery_key
from inspections.people.service import AccountError, SignedAccount
from inspections.people.tables import Role, Tablet, TabletEnrolment
from inspections.record.audit import declare_event, write_audit

ENROLMENT_LASTS = timedelta(hours=24)
# Typed by hand: no two characters that look alike. 12 of 32 are 60 bits, and a code counts once.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 3, 4

ENROLMENT_MADE = declare_event("tablet_enrolment_made", "label", "expires_at")
ENROLMENT_WITHDRAWN = declare_event("tablet_enrolment_withdrawn", "label")
TABLET_REGISTERED = declare_event("tablet_registered", "tablet", "label")
TABLET_REVOKED = declare_event("tablet_revoked", "tablet", "label")


class TabletRefusedError(AccountError):
    """A tablet may not sign in; `word` says to the application why."""

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.word = word


def make_enrolment(session: Session, *, label: str, actor: str, now: datetime) -> str:
    """A code with which one tablet registers itself within a day; shown once, only its hash is stored.

    A bureau without a recovery key gets none: what a tablet seals before one exists, nobody could open.
    """
    if recovery_key(session) is None:
        raise AccountError(
            "本局还没有恢复密钥：PIN 一旦遗忘，平板上没有上传的内容就谁也打不开。"
            "请管理员先在“平板”页（或用 people recovery-key）生成恢复密钥，再登记平板。"
        )
    label = label.strip()
    if not label:
        raise AccountError("平板的名称是空的；请写下贴在机身上的编号，例如“执法平板03”。")
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP))
    expires_at = now + ENROLMENT_LASTS
    session.add(
        TabletEnrolment(
            code_hash=_hash(letters), label=label, made_by=actor, made_at=now, expires_at=expires_at
        )
    )
    fields = {"label": label, "expires_at": expires_at.isoformat()}
    write_audit(session, ENROLMENT_MADE, actor=actor, now=now, fields=fields)
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


@dataclass(frozen=True)
class OpenEnrolment:
    """A code that a tablet could still register itself with."""

    enrolment_id: int
    label: str
    made_by: str
    made_at: datetime
    expires_at: datetime


def open_enrolments(session: Session, now: datetime) -> list[OpenEnrolment]:
    """The codes that are neither used nor over, the newest first."""
    query = select(TabletEnrolment).where(*_is_open(now)).order_by(col(TabletEnrolment.id).desc())
    return [
        OpenEnrolment(row.id or 0, row.label, row.made_by, row.made_at, row.expires_at)
        for row in session.exec(query)
    ]


def withdraw_enrolment(session: Session, enrolment_id: int, *, actor: str, now: datetime) -> str:
    """Let a code that nobody has used end now; the label it was made for."""
    query = select(TabletEnrolment).where(TabletEnrolment.id == enrolment_id, *_is_open(now))
    row = session.exec(query.with_for_update()).first()
    if row is None:
        raise AccountError("这个登记码用过了或已过期，没有可以作废的；用它登记的平板在列表里，可以停用。")
    row.expires_at = now
    session.add(row)
    write_audit(session, ENROLMENT_WITHDRAWN, actor=actor, now=now, fields={"label": row.label})
    return row.label


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(TabletEnrolment.used_at).is_(None), col(TabletEnrolment.expires_at) > now


def admit_tablet(
    session: Session,
    account: SignedAccount,
    *,
    public_id: str,
    app_version: str,
    enrolment: str | None,
    now: datetime,
) -> int:
    """The tablet that an inspector signs in on; a new one needs its one-time code."""
    if Role.INSPECTOR not in account.roles:
        raise TabletRefusedError(
            "not_an_inspector", f"“{account.name}”没有检查人员角色，不能在平板上登录；请找管理员。"
        )
    tablet = _known_tablet(session, public_id) or _enrol(session, public_id, enrolment, account.name, now)
    tablet.last_seen_at, tablet.app_version = now, app_version
    session.add(tablet)
    session.flush()
    return tablet.id or 0


def note_tablet(session: Session, tablet_id: int, *, unsent: int | None, now: datetime) -> str:
    """Note that a tablet was heard from, and how much it still holds; its public id."""
    tablet = session.get_one(Tablet, tablet_id)
    tablet.last_seen_at = now
    tablet.unsent = tablet.unsent if unsent is None else unsent
    session.add(tablet)
    return tablet.public_id


def revoke_tablet(session: Session, tablet_id: int, *, actor: str, now: datetime) -> None:
    """Shut a lost tablet out; what it still holds is opened from its export, by an administrator."""
    tablet = session.get(Tablet, tablet_id)
    if tablet is None or tablet.revoked_at is not None:
        raise AccountError("没有这台可用的平板，或它已经停用；请刷新平板列表。")
    tablet.revoked_at, tablet.revoked_by = now, actor
    session.add(tablet)
    fields = {"tablet": tablet_id, "label": tablet.label}
    write_audit(session, TABLET_REVOKED, actor=actor, now=now, fields=fields)


def _known_tablet(session: Session, public_id: str) -> Tablet | None:
    tablet = session.exec(select(Tablet).where(Tablet.public_id == public_id)).first()
    if tablet is not None and tablet.revoked_at is not None:
        raise TabletRefusedError(
            "tablet_revoked", "这台平板已被停用；未上传的内容都还在平板上，请导出后交给管理员。"
        )
    return tablet


def _enrol(session: Session, public_id: str, code: str | None, actor: str, now: datetime) -> Tablet:
    if not code:
        raise TabletRefusedError("enrolment_needed", "这台平板还没有登记；请向管理员要一次性登记码。")
    query = (
        select(TabletEnrolment)
        .where(TabletEnrolment.code_hash == _hash(code), *_is_open(now))
        .with_for_update()
    )
    row = session.exec(query).first()
    if row is None:
        raise TabletRefusedError("enrolment_refused", "登记码不对、用过了或已过期；请向管理员要新的登记码。")
    tablet = Tablet(public_id=public_id, label=row.label, registered_at=now, registered_by=row.made_by)
    session.add(tablet)
    session.flush()
    row.used_at, row.tablet_id = now, tablet.id
    session.add(row)
    fields = {"tablet": tablet.id, "label": tablet.label}
    write_audit(session, TABLET_REGISTERED, actor=actor, now=now, fields=fields)
    return tablet


def _hash(code: str) -> str:
    letters = "".join(letter for letter in code.upper() if letter in _ALPHABET)
    return hashlib.sha256(letters.encode()).hexdigest()


@dataclass(frozen=True)
class TabletLine:
    """A tablet as the desk lists it: who saw it last is when it last spoke to the server."""

    tablet_id: int
    label: str
    registered_at: datetime
    registered_by: str
    last_seen_at: datetime | None
    unsent: int
    app_version: str
    revoked_at: datetime | None


def tablet_lines(session: Session) -> list[TabletLine]:
    """Every tablet, those in use first, the longest silent on top."""
    rows = [
        TabletLine(
            row.id or 0,
            row.label,
            row.registered_at,
            row.registered_by,
            row.last_seen_at,
            row.unsent,
            row.app_version,
            row.revoked_at,
        )
        for row in session.exec(select(Tablet))
    ]
    return sorted(rows, key=lambda row: (row.revoked_at is not None, row.last_seen_at or row.registered_at))
