"""The demonstration bureau: settings, a recovery key, accounts whose one random password lies in a file."""

import os
import secrets
import tempfile
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from inspections.people.recovery import make_recovery_key
from inspections.people.service import add_account
from inspections.people.staffing import set_certificate
from inspections.people.tables import Role
from inspections.record.audit import declare_event
from inspections.record.marks import DEMONSTRATION_SIGN_INS, set_mark
from inspections.record.settings import set_setting
from publishing.demonstration.words import DemonstrationError, district_words

PROGRAM = "演示程序"
EDITOR = "演示编辑"
APPROVERS = ("演示审批甲", "演示审批乙")
ADMINISTRATOR = "演示管理员"
# Everybody who may sign in, with roles and the (made-up) number of an enforcement certificate.
STAFF: dict[str, tuple[tuple[Role, ...], str | None]] = {
    "演示检查员甲": ((Role.INSPECTOR,), "演示-0001"),
    "演示检查员乙": ((Role.INSPECTOR,), "演示-0002"),
    "演示检查员丙": ((Role.INSPECTOR,), "演示-0003"),
    "演示检查员丁": ((Role.INSPECTOR,), "演示-0004"),
    "演示抽查管理": ((Role.CAMPAIGN_MANAGER,), None),
    "演示复核": ((Role.REVIEWER,), "演示-0005"),
    EDITOR: ((Role.EDITOR,), None),
    **dict.fromkeys(APPROVERS, ((Role.APPROVER,), None)),
    "演示审计": ((Role.AUDITOR,), None),
    ADMINISTRATOR: ((Role.ADMINISTRATOR,), None),
}
PUBLIC_ADDRESS = "http://127.0.0.1:8000"
RECOVERY_FILE = "demonstration-recovery-key.pem"
PASSWORD_FILE = "demonstration-password.txt"  # noqa: S105  # the name of the file, not what is in it


def open_bureau(
    session: Session, *, password: str, public_address: str | None, from_on: date, now: datetime
) -> None:
    """Set what the public sees of the fictional bureau, and add its accounts."""
    for key, value in bureau_settings(public_address).items():
        set_setting(session, key=key, value=value, from_on=from_on, actor=PROGRAM, now=now)
    for name, (roles, certificate) in STAFF.items():
        add_account(session, name=name, password=password, roles=roles, actor=PROGRAM, now=now)
        if certificate:
            set_certificate(session, name, number=certificate, until_on=None, actor=PROGRAM, now=now)
    set_mark(session, DEMONSTRATION_SIGN_INS, now=now, note=password)


DEMONSTRATION_BEGUN = declare_event("demonstration_begun", "on", "kind")


def keep_password(data: Path) -> str:
    """The password of the demonstration accounts: made once, readable by the owner of the directory only."""
    path = data / PASSWORD_FILE
    try:
        if not path.exists():
            data.mkdir(parents=True, exist_ok=True)
            _make_password(path)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise DemonstrationError(f"写不了 {path}（{error.strerror}）；请检查数据目录的权限。") from error


def _make_password(path: Path) -> None:
    """Written aside and linked into place: of two processes at once, both read the one that came first."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8") as file:
        file.write(f"{secrets.token_urlsafe(12)}\n")
        file.flush()
        with suppress(FileExistsError):
            path.hardlink_to(file.name)


def keep_recovery_key(session: Session, data: Path, *, password: str, now: datetime) -> None:
    """Make the bureau's recovery key; its file lies beside the password, which is its passphrase too."""
    path = data / RECOVERY_FILE
    content = make_recovery_key(session, passphrase=password, actor=ADMINISTRATOR, now=now)
    try:
        # One that an interrupted beginning left behind belongs to no stored key.
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise DemonstrationError(f"写不了 {path}（{error.strerror}）；请检查数据目录的权限。") from error


def bureau_settings(public_address: str | None) -> dict[str, str]:
    """The settings of the fictional bureau, by key."""
    words = district_words()
    return {
        "authority": words.authority,
        "site_title": words.site_title,
        "contact": words.contact,
        "complaint_line": words.complaint_line,
        "organiser": words.authority,
        "public_address": public_address or PUBLIC_ADDRESS,
        "region": words.region,
        "red_term_days": "180",
        "black_term_days": "90",
        "objection_days": "5",
        "results_shown_days": "730",
        "grade_is_public": "yes",
        "training_hours_target": "90",
        "tablet_offline_days": "7",
        "result_working_days": "20",
        "escalation_days": "15",
        "reveal_days": "20",
    }
