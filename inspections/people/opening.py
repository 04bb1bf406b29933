"""How a bureau starts: an empty register, the first administrator, the settings a site cannot do without."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session

from inspections.people.service import AccountError, add_account, list_accounts
from inspections.people.tables import Role
from inspections.record.audit import declare_event, write_audit
from inspections.record.marks import INITIALISED, has_mark, refuse_demonstration, set_mark
from inspections.record.settings import KINDS, SettingError, is_loopback_address, set_setting

BUREAU_STARTED = declare_event("bureau_started", "administrator")


def start_bureau(
    session: Session,
    *,
    administrator: str,
    password: str,
    values: Mapping[str, str],
    from_on: date,
    now: datetime,
) -> None:
    """Make an empty, migrated database a bureau's own; `values` are settings by key."""
    refuse_started(session)
    missing = [key for key, kind in KINDS.items() if kind.needed_at_start and not values.get(key, "").strip()]
    if missing:
        labels = "、".join(f"{KINDS[key].label}（{key}）" for key in missing)
        raise SettingError(f"还缺这些设置：{labels}；请用 --set 键=值 给出。")
    add_account(
        session,
        name=administrator,
        password=password,
        roles=[Role.ADMINISTRATOR],
        actor=administrator,
        now=now,
    )
    for key, value in values.items():
        set_setting(session, key=key, value=value, from_on=from_on, actor=administrator, now=now)
    set_mark(session, INITIALISED, now=now, note=administrator)
    write_audit(
        session, BUREAU_STARTED, actor=administrator, now=now, fields={"administrator": administrator}
    )


def refuse_started(session: Session) -> None:
    """Stop where the directory is a demonstration, or already some bureau's."""
    refuse_demonstration(session)
    if has_mark(session, INITIALISED) or list_accounts(session):
        raise AccountError("这个数据目录已经初始化过；要改设置请用 settings set，要加人请用 people add。")


def address_warning(address: str) -> str | None:
    """What to say about a public address that nobody outside can reach."""
    if is_loopback_address(address):
        return f"公开网址 {address} 只有本机能打开：可以试用，不能打印公示牌；上线前请改正。"
    return None
