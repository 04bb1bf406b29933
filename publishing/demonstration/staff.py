"""The demonstration bureau: its settings, and accounts whose one random password lies in a file."""

import secrets
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.audit import declare_event
from inspections.record.settings import set_setting
from publishing.demonstration.words import DemonstrationError, district_words

PROGRAM = "演示程序"
EDITOR = "演示编辑"
APPROVERS = ("演示审批甲", "演示审批乙")
ADMINISTRATOR = "演示管理员"
PUBLIC_ADDRESS = "http://127.0.0.1:8000"
PASSWORD_FILE = "demonstration-password.txt"  # noqa: S105  # the name of the file, not what is in it


def open_bureau(
    session: Session, *, password: str, public_address: str | None, from_on: date, now: datetime
) -> None:
    """Set what the public sees of the fictional bureau, and add its accounts."""
    for key, value in bureau_settings(public_address).items():
        set_setting(session, key=key, value=value, from_on=from_on, actor=PROGRAM, now=now)
    staff = {EDITOR: Role.EDITOR, ADMINISTRATOR: Role.ADMINISTRATOR}
    staff |= dict.fromkeys(APPROVERS, Role.APPROVER)
    for name, role in staff.items():
        add_account(session, name=name, password=password, roles=[role], actor=PROGRAM, now=now)


DEMONSTRATION_BEGUN = declare_event("demonstration_begun", "on", "kind")


def keep_password(data: Path) -> str:
    """The password of the demonstration accounts: made once, readable by the owner of the directory only."""
    path = data / PASSWORD_FILE
    try:
        if path.exists():
            return path.read_text(encoding="utf-8").strip()
        data.mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(12)
        path.touch(mode=0o600)
        path.write_text(f"{password}\n", encoding="utf-8")
    except OSError as error:
        raise DemonstrationError(f"写不了 {path}（{error.strerror}）；请检查数据目录的权限。") from error
    return password


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
        "result_working_days": "20",
        "reveal_days": "20",
    }
