"""Dated settings: what the public sees or the law counts from, each with the day it takes effect."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import note_site_change
from inspections.record.command_line import CLI
from inspections.record.errors import HouseError
from inspections.record.marks import WrongDirectoryError, is_demonstration
from inspections.record.tables import SettingValue
from inspections.record.texts import is_one_line

SETTING_SET = declare_event("setting_set", "key", "value", "from_on")

SettingType = str | int | bool


class SettingError(HouseError):
    """A setting is unknown, missing, or its value does not fit."""


@dataclass(frozen=True)
class SettingKind:
    """One setting: its Chinese label, how its text is read, whether `init` must ask for it, an example.

    `names_the_bureau`: a demonstration keeps the made-up one it began with. `until_set`: what waits for it.
    """

    label: str
    read: Callable[[str], SettingType]
    needed_at_start: bool = False
    example: str = ""
    names_the_bureau: bool = False
    until_set: str = ""
    usual: SettingType | None = None
    """What holds where it is not set."""


def _text(value: str) -> str:
    text = value.strip()
    if not text:
        raise SettingError("值是空的；请写出要公示的文字。")
    if not is_one_line(text):
        raise SettingError("值里有换行或看不见的字符；请写成一行。")
    if len(text) > _LONGEST_TEXT:
        raise SettingError(f"值有 {len(text)} 个字，太长；请不超过 {_LONGEST_TEXT} 个字。")
    return text


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value.strip()) or int(value) == 0:
        raise SettingError(f"“{value}”不是正整数；请只写数字，例如 180。")
    return int(value)


def _choice(value: str) -> bool:
    words = {"yes": True, "是": True, "true": True, "no": False, "否": False, "false": False}
    if value.strip().lower() not in words:
        raise SettingError(f"“{value}”看不出是或否；请写 yes 或 no。")
    return words[value.strip().lower()]


def _region(value: str) -> str:
    if not re.fullmatch(r"[0-9]{6}", value.strip()):
        raise SettingError(f"“{value}”不是六位行政区划代码；例如 120111。")
    return value.strip()


def read_address(value: str) -> str:
    """A public address `https://host[:port][/path]` without trailing slash, scheme and host in small letters.

    It is printed on plates and stands in every QR code: nothing may be in it that a reader must escape.
    """
    found = _ADDRESS.fullmatch(value.strip().rstrip("/"))
    if found is None or not 0 < int(found["port"] or 443) < _PORTS:
        raise SettingError(
            f"“{value}”不是网址；请写成 https://域名 的形式，"
            "不带用户名、空格和问号，中文域名写成 xn-- 开头的。"
        )
    return found["start"].lower() + found["path"]


def read_gateway(value: str) -> str:
    """The address of an SMS gateway, over HTTPS unless it runs on this machine; empty for none."""
    address = value.strip()
    if address in {"无", "none"}:
        return ""
    start = _GATEWAY.match(address)
    is_safe = start is not None and (start["scheme"] == "https" or is_loopback_address(address))
    has_port = start is not None and 0 < int(start["port"] or 443) < _PORTS
    if not (is_safe and has_port and address.isascii() and is_one_line(address)):
        raise SettingError(
            f"“{address}”不是短信网关的网址；请写成 https:// 开头的网址，不带用户名；不再用短信的写“无”。"
        )
    return address


def read_gateway_request(value: str) -> str:
    """What is posted to the gateway: a JSON object of texts that names the number and the text."""
    text = _text(value)
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise SettingError(f"“{text[:40]}”不是 JSON；请照例子写。") from error
    is_flat = isinstance(fields, dict) and all(isinstance(one, str) for one in fields.values())
    if not is_flat or not all(any(part in one for one in fields.values()) for part in ("{mobile}", "{text}")):
        raise SettingError("请求内容应是一层 JSON，值都是文字，并且用到 {mobile} 和 {text}；请照例子写。")
    return text


SMS_REQUEST = '{"mobile": "{mobile}", "content": "{text}", "id": "{id}"}'
_GATEWAY = re.compile(
    r"(?P<scheme>https?)://(?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{1,5}))?(?:/[^\s@]*)?$"
)
_LONGEST_TEXT = 200
_PORTS = 65_536
_ADDRESS = re.compile(
    r"(?P<start>https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?)"
    r"(?P<path>(?:/[A-Za-z0-9._~-]+)*)",
    re.IGNORECASE,
)

_PREFIX = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]{1,12}")


def _prefix(value: str) -> str:
    text = _text(value)
    if not _PREFIX.fullmatch(text):
        raise SettingError(f"文号字头“{text}”不对；只用汉字、字母和数字，最多 12 个字，例如 食检。")
    return text


KINDS: dict[str, SettingKind] = {
    "authority": SettingKind("公示机关", _text, True, "某某区市场监督管理局", names_the_bureau=True),
    "site_title": SettingKind("网站名称", _text, True, "某某餐饮安全公示"),
    "contact": SettingKind(
        "联系方式（电话、地址、办公时间）", _text, True, "电话 000-00000000", names_the_bureau=True
    ),
    "complaint_line": SettingKind("投诉举报电话", _text, True, "12315"),
    "organiser": SettingKind("主办单位", _text, False, "某某区市场监督管理局", names_the_bureau=True),
    "site_identifier": SettingKind("政府网站标识码", _text, names_the_bureau=True),
    "website_filing": SettingKind("网站备案号（ICP）", _text, names_the_bureau=True),
    "police_filing": SettingKind("公安备案号", _text, names_the_bureau=True),
    "public_address": SettingKind("公开网址", read_address, True, "https://example.gov.cn"),
    "region": SettingKind("许可证号应有的六位区划代码（不符只提示）", _region, False, "120111"),
    "red_term_days": SettingKind(
        "红榜条目公示天数，自公示之日起", _count, False, "180", until_set="各期红黑榜不能公示"
    ),
    "black_term_days": SettingKind(
        "黑榜条目公示天数，自公示之日起", _count, False, "90", until_set="各期红黑榜不能公示"
    ),
    "objection_days": SettingKind("黑榜告知后的异议期天数", _count, False, "5", until_set="黑榜条目不能公示"),
    "results_shown_days": SettingKind(
        "检查结果与问题的公示天数，自检查之日起", _count, False, "730", until_set="检查结果一直公示，不到期"
    ),
    "grade_is_public": SettingKind("风险等级是否公示", _choice, False, "no", until_set="风险等级不公示"),
    "training_hours_target": SettingKind(
        "检查人员每年培训学时", _count, False, "90", until_set="工作台只列已有学时，不说还差多少"
    ),
    "tablet_offline_days": SettingKind("平板登录后可离线工作的天数", _count, False, "7", usual=7),
    "unit_link_days": SettingKind("单位链接的有效天数，自检查记录上传之日起", _count, False, "60", usual=60),
    "escalation_days": SettingKind(
        "催办后多少天仍未改正，工作台提示立案", _count, False, "15", until_set="催办之后不提示立案"
    ),
    "sms_gateway": SettingKind(
        "短信网关的网址（不设置就只用信函）",
        read_gateway,
        False,
        "https://sms.example.cn/send",
        names_the_bureau=True,
    ),
    "sms_request": SettingKind("发给短信网关的内容（JSON）", read_gateway_request, False, SMS_REQUEST),
    "sms_accepted": SettingKind("短信网关受理时回答里应有的文字（不设置就只看状态码）", _text, False, "OK"),
    "votes_per_network": SettingKind("你点我检：同一网络地址每天可投的票数", _count, False, "50", usual=50),
    "record_prefix": SettingKind("检查结果记录表的文号字头", _prefix, False, "食检", usual="食检"),
    "visit_checklist": SettingKind(
        "检查使用的要点表，任务没有指定时", _text, False, "cn-catering-2022", usual="cn-catering-2022"
    ),
    "result_working_days": SettingKind(
        "检查结果应在作出结论之日起多少个工作日内公示（起算日为推定）",
        _count,
        False,
        "20",
        until_set="工作台不计结果的公示期限",
    ),
    "reveal_days": SettingKind("抽取名单最迟在公告的抽取日之后多少天公布", _count, False, "20"),
}


# What other rooms have to say when a setting changes, by key: lines for the person who set it.
Notice = Callable[[Session, "Settings"], list[str]]
_NOTICES: dict[str, list[Notice]] = {}


def declare_notice(key: str, notice: Notice) -> None:
    """Have `notice` asked for lines whenever the setting changes; declared once, at import."""
    _NOTICES.setdefault(key, []).append(notice)


# What a setting must agree with before it is taken: a sentence with its cure where it does not.
Check = Callable[["Settings"], str | None]
_CHECKS: dict[str, list[Check]] = {}


def declare_check(key: str, check: Check) -> None:
    """Have `check` asked before the setting is taken, for every day from which it would hold with others."""
    _CHECKS.setdefault(key, []).append(check)


def undecided(session: Session, on: date) -> list[str]:
    """What the bureau has yet to decide for a day, one line each, with what waits for it."""
    values = settings_on(session, on).values
    return [
        f"{key}\t{kind.label}：决定之前{kind.until_set}"
        for key, kind in KINDS.items()
        if kind.until_set and key not in values
    ]


def notices_after(session: Session, key: str, on: date) -> list[str]:
    """What the rooms say after a setting was changed, seen from the day it takes effect."""
    settings = settings_on(session, on)
    return [line for notice in _NOTICES.get(key, []) for line in notice(session, settings)]


@dataclass(frozen=True)
class SettingRow:
    """A stored value of a setting, as `settings show` lists it."""

    key: str
    value: SettingType
    from_on: date
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Settings:
    """The settings in force on one day; reading an unset one names the cure."""

    on: date
    values: dict[str, SettingType]

    def _value(self, key: str) -> SettingType | None:
        return self.values.get(key, KINDS[key].usual)

    def text(self, key: str) -> str:
        """A text value; one that is not set and has no usual value is an error with its cure."""
        value = self._value(key)
        if value is not None:
            return str(value)
        if not self.values:
            raise SettingError(
                f"还没有设置“{KINDS[key].label}”：这个数据目录还没有初始化；"
                f"请先运行 {CLI} init（自己的数据）或 seed demo（演示）。"
            )
        raise SettingError(
            f"还没有设置“{KINDS[key].label}”（{self.on} 起）；"
            f"请运行 {CLI} settings set {key} 值 --from 日期。"
        )

    def optional_text(self, key: str) -> str | None:
        """A text value, or none where it was never set."""
        value = self._value(key)
        return None if value is None else str(value)

    def count(self, key: str) -> int | None:
        """A number, or none where the bureau has not decided it."""
        value = self._value(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def number(self, key: str) -> int:
        """A number; one that is not set and has no usual value is an error with its cure."""
        return int(self.text(key))

    def is_on(self, key: str) -> bool:
        """A yes/no value; not yet decided counts as no."""
        return self.values.get(key) is True


def settings_on(session: Session, on: date, *, or_earliest: bool = False) -> Settings:
    """The settings in force on a day; `or_earliest` lends a day before the first value that value."""
    query = select(SettingValue).order_by(col(SettingValue.from_on), col(SettingValue.id))
    values: dict[str, SettingType] = {}
    for row in session.exec(query):
        if row.from_on <= on or (or_earliest and row.key not in values):
            values[row.key] = json.loads(row.value)
    return Settings(on, values)


def set_setting(
    session: Session, *, key: str, value: str, from_on: date, actor: str, now: datetime
) -> SettingType:
    """Record a value from a day on; earlier values stay for the days before."""
    kind = KINDS.get(key)
    if kind is None:
        raise SettingError(f"没有叫“{key}”的设置；可用的有：{'、'.join(KINDS)}。")
    read = kind.read(value)
    if kind.names_the_bureau and is_demonstration(session):
        raise WrongDirectoryError(
            f"这是演示数据，“{kind.label}”不能改成别的：演示不冒充任何真实的机关、电话和备案号；"
            f"真实数据请把 HHB_DATA 指到一个新目录，运行 {CLI} init。"
        )
    _require_agreement(session, key, read, from_on)
    row = SettingValue(
        key=key,
        value=json.dumps(read, ensure_ascii=False),
        from_on=from_on,
        set_by=actor,
        set_at=now,
    )
    session.add(row)
    fields = {"key": key, "value": read, "from_on": from_on.isoformat()}
    write_audit(session, SETTING_SET, actor=actor, now=now, fields=fields)
    note_site_change(session)
    return read


def _require_agreement(session: Session, key: str, value: SettingType, from_on: date) -> None:
    checks = _CHECKS.get(key, [])
    if not checks:
        return
    query = select(SettingValue).where(col(SettingValue.from_on) > from_on)
    later = session.exec(query.order_by(col(SettingValue.from_on))).all()
    until = next((row.from_on for row in later if row.key == key), date.max)
    for day in sorted({from_on, *(row.from_on for row in later if row.from_on < until)}):
        settings = settings_on(session, day)
        for check in checks:
            fault = check(Settings(day, settings.values | {key: value}))
            if fault is not None:
                raise SettingError(fault)


def setting_history(session: Session) -> list[SettingRow]:
    """All values ever set, by key and day in force."""
    query = select(SettingValue).order_by(
        col(SettingValue.key), col(SettingValue.from_on), col(SettingValue.id)
    )
    return [
        SettingRow(row.key, json.loads(row.value), row.from_on, row.set_by, row.set_at)
        for row in session.exec(query)
    ]


def in_words(value: SettingType) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def is_loopback_address(address: str) -> bool:
    """Whether an address can only be reached from the machine itself."""
    host = urlsplit(address).hostname or ""
    try:
        number = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return number.is_loopback or number.is_unspecified


def require_public_address(settings: Settings, configured: str | None) -> str:
    """The public address in force; refuses to start when `HHB_PUBLIC_URL` says another one."""
    in_force = settings.text("public_address")
    if configured is not None and configured != in_force:
        raise SettingError(
            f"环境变量 HHB_PUBLIC_URL 是 {configured}，而 {settings.on} 生效的公开网址是 {in_force}；"
            f"请改成一致：改环境变量，或运行 {CLI} settings set public_address 网址 --from 日期。"
        )
    return in_force
