"""How days and instants read on the staff's pages: Chinese, Asia/Shanghai, the year where it matters."""

from datetime import date, datetime

from inspections.record.clock import PEOPLE_ZONE, today


def day(value: date) -> str:
    """`11月6日`, with the year where it is not this one."""
    year = "" if value.year == today().year else f"{value.year}年"
    return f"{year}{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """`今天 10:42`, `11月6日 10:42`, with the year where it is not this one."""
    local = value.astimezone(PEOPLE_ZONE)
    which = "今天" if local.date() == today() else day(local.date())
    return f"{which} {local:%H:%M}"


FORMATTERS = {"day": day, "moment": moment}
