"""Marks on the whole database: what kind of data this directory holds. They are never removed."""

from datetime import datetime

from sqlmodel import Session

from inspections.record.command_line import CLI
from inspections.record.errors import HouseError
from inspections.record.tables import Mark

DEMONSTRATION = "demonstration"
INITIALISED = "initialised"
FOREIGN_FEED = "foreign_feed"
# Its note is the password of the fictional accounts, which the sign-in page names in a demonstration.
DEMONSTRATION_SIGN_INS = "demonstration_sign_ins"


class WrongDirectoryError(HouseError):
    """Real and demonstration data never share a directory."""


def is_demonstration(session: Session) -> bool:
    """Whether the database carries the mark of demonstration data."""
    return session.get(Mark, DEMONSTRATION) is not None


def demonstration_password(session: Session) -> str | None:
    """The password of the fictional accounts; none outside a demonstration."""
    mark = session.get(Mark, DEMONSTRATION_SIGN_INS)
    return mark.note if mark is not None and is_demonstration(session) else None


def has_mark(session: Session, name: str) -> bool:
    """Whether the database carries the mark."""
    return session.get(Mark, name) is not None


def set_mark(session: Session, name: str, *, now: datetime, note: str = "") -> None:
    """Set a mark; setting it again changes nothing."""
    if session.get(Mark, name) is None:
        session.add(Mark(name=name, made_at=now, note=note))
        session.flush()


def refuse_foreign_feed(session: Session) -> None:
    """Stop an act that would mix a bureau's own data with a feed of another country."""
    if has_mark(session, FOREIGN_FEED):
        raise WrongDirectoryError(
            "这个数据目录装的是国外的 LIVES 数据，不能再导入本局的数据；"
            f"请把 HHB_DATA 指到另一个目录，再运行 {CLI} migrate 和 init。"
        )


def refuse_demonstration(session: Session) -> None:
    """Stop an act that would bring real data into a demonstration directory."""
    if is_demonstration(session):
        raise WrongDirectoryError(
            "这个数据目录是演示数据，不能导入或初始化真实数据；"
            f"请把 HHB_DATA 指到一个新的空目录，再运行 {CLI} migrate 和 init。"
        )
