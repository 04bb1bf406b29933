"""What the rows of a LIVES feed mean: businesses, scored inspections, violations, the legend of scores."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from inspections.visits.lives_files import PHONE, FeedFile, FeedRow, read_file
from inspections.visits.tables import VisitKind

BUSINESS_COLUMNS = (
    "business_id", "name", "address", "city", "state", "postal_code", "latitude", "longitude",
    "phone_number",
)  # fmt: skip
INSPECTION_COLUMNS = ("business_id", "score", "date", "description", "type")
VIOLATION_COLUMNS = ("business_id", "date", "code", "description")
LEGEND_COLUMNS = ("minimum_score", "maximum_score", "description")
INFO_COLUMNS = ("feed_date", "feed_version", "municipality_name", "municipality_url", "contact_email")
# Before this year nobody inspected by this format: `1900-01-01` is how some feeds write "not yet".
_FIRST_YEAR = 1970
LOWEST, HIGHEST = 0, 100

_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?")
_AMERICAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CORRECTED = re.compile(r"\[\s*date violation corrected:\s*([^\]]*?)\s*\]\s*$", re.IGNORECASE)
_KINDS = {
    "": VisitKind.DAILY,
    "routine": VisitKind.DAILY,
    "initial": VisitKind.DAILY,
    "followup": VisitKind.RECHECK,
    "reinspection": VisitKind.RECHECK,
    "complaint": VisitKind.CASE_BASED,
}
_NO_ADDRESS = "（数据没有给出街道地址）"

Key = tuple[str, date]


@dataclass(frozen=True)
class Business:
    """One business of the feed; the address is a whole one, with city, state and postal code as given."""

    id: str
    name: str
    address: str
    street: str
    latitude: Decimal | None
    longitude: Decimal | None


@dataclass(frozen=True)
class Inspection:
    """One scored inspection."""

    business_id: str
    on: date
    score: Decimal
    kind: VisitKind


@dataclass(frozen=True)
class Violation:
    """One violation: its wording without the note on its correction, and that note's day."""

    wording: str
    corrected_on: date | None


@dataclass(frozen=True)
class Band:
    """One line of the legend of scores."""

    least: Decimal
    most: Decimal
    description: str


@dataclass
class Feed:
    """A whole feed: what can be loaded; everything else is named in its files."""

    businesses: dict[str, Business] = field(default_factory=dict)
    inspections: dict[Key, Inspection] = field(default_factory=dict)
    violations: dict[Key, list[Violation]] = field(default_factory=lambda: defaultdict(list))
    legend: list[Band] = field(default_factory=list)
    files: list[FeedFile] = field(default_factory=list)


def read_rows(contents: Mapping[str, bytes], *, on: date) -> Feed:
    """Read every file of a feed; inspections after `on` cannot have taken place."""
    feed = Feed()
    _businesses(feed, contents["businesses"])
    _inspections(feed, contents["inspections"], on)
    if "violations" in contents:
        _violations(feed, contents["violations"])
    if "legend" in contents:
        _legend(feed, contents["legend"])
    if "feed_info" in contents:
        _feed_info(feed, contents["feed_info"])
    return feed


def band_of(legend: list[Band], score: Decimal) -> str | None:
    """The legend's word for a score; none where no line holds it."""
    return next((band.description for band in legend if band.least <= score <= band.most), None)


def _businesses(feed: Feed, content: bytes) -> None:
    file = read_file("businesses.csv", content, ("business_id", "name", "address"), BUSINESS_COLUMNS)
    feed.files.append(file)
    for row in _distinct(file, lambda cells: cells["business_id"]):
        cells = row.cells
        if not cells["name"]:
            file.name_row(row.line, cells["business_id"], "没有名称", "补上 name")
            continue
        place = (cells.get("postal_code"), cells.get("city"))
        if not cells["address"]:
            file.note(row.line, cells["business_id"], "没有地址")
        feed.businesses[cells["business_id"]] = Business(
            id=cells["business_id"],
            name=" ".join(cells["name"].split()),
            address=_address(cells),
            street=next((part for part in place if part), "—"),
            latitude=_coordinate(file, row, "latitude", 90),
            longitude=_coordinate(file, row, "longitude", 180),
        )
    if file.phones:
        file.note(0, PHONE, f"{file.phones} 个电话按规定不载入、不公开")


def _address(cells: Mapping[str, str]) -> str:
    """`24 WILLIE MAYS PLAZA, San Francisco, CA 94107`, as far as the feed gives it."""
    town = f"{cells.get('state', '')} {cells.get('postal_code', '')}"
    parts = (" ".join(part.split()) for part in (cells["address"], cells.get("city", ""), town))
    given = ", ".join(part for part in parts if part)
    return given if cells["address"] else f"{given}{_NO_ADDRESS}"


def _inspections(feed: Feed, content: bytes, today: date) -> None:
    file = read_file("inspections.csv", content, ("business_id", "score", "date"), INSPECTION_COLUMNS)
    feed.files.append(file)
    described = 0
    for row in _distinct(file, lambda cells: (cells["business_id"], _day(cells["date"]) or cells["date"])):
        cells = row.cells
        described += bool(cells.get("description"))
        on, score = _day(cells["date"]), _score(cells["score"])
        shown = f"{cells['business_id']} {cells['date']} {cells['score']}".strip()
        if on is None:
            file.name_row(row.line, shown, "看不出是哪一天", "日期写成 YYYYMMDD")
        elif on > today:
            file.name_row(row.line, shown, "日期在将来", "核对 date")
        elif on.year < _FIRST_YEAR:
            file.name_row(row.line, shown, "不是检查的日期（有的数据用 1900 年表示还没有检查）", "核对 date")
        elif cells["business_id"] not in feed.businesses:
            file.name_row(row.line, shown, "没有载入这个单位", "核对 business_id")
        elif score is None:
            file.name_row(row.line, shown, "没有评分，或不是 0 到 100 的数", "核对 score")
        else:
            kind = _kind(file, row)
            key = (cells["business_id"], on)
            feed.inspections[key] = Inspection(cells["business_id"], on, score, kind)
    if described:
        file.note(0, "description", f"{described} 条检查说明没有载入（问题以 violations.csv 为准）")


def _violations(feed: Feed, content: bytes) -> None:
    file = read_file("violations.csv", content, ("business_id", "date"), VIOLATION_COLUMNS)
    feed.files.append(file)
    for row in file.rows:
        cells = row.cells
        on = _day(cells["date"])
        wording = cells.get("description") or cells.get("code") or ""
        shown = f"{cells['business_id']} {cells['date']} {wording}".strip()
        if on is None:
            file.name_row(row.line, shown, "看不出是哪一天", "日期写成 YYYYMMDD")
        elif cells["business_id"] not in feed.businesses:
            file.name_row(row.line, shown, "没有载入这个单位", "核对 business_id")
        elif (cells["business_id"], on) not in feed.inspections:
            file.name_row(row.line, shown, "这一天没有载入有评分的检查", "核对 inspections.csv")
        else:
            violation = _violation(file, row, wording)
            feed.violations[(cells["business_id"], on)].append(violation)


def _legend(feed: Feed, content: bytes) -> None:
    file = read_file("legend.csv", content, LEGEND_COLUMNS, LEGEND_COLUMNS)
    feed.files.append(file)
    for row in file.rows:
        least, most = (_number(row.cells[name]) for name in ("minimum_score", "maximum_score"))
        if least is None or most is None or least > most or not row.cells["description"]:
            file.name_row(row.line, " ".join(row.cells.values()), "不是一段评分", "写最低分、最高分和说明")
        else:
            feed.legend.append(Band(least, most, row.cells["description"]))


def _feed_info(feed: Feed, content: bytes) -> None:
    """Whose feed it is: one row of facts about the feed, told and not stored."""
    file = read_file("feed_info.csv", content, (), INFO_COLUMNS)
    feed.files.append(file)
    for row in file.rows:
        told = {name: row.cells.get(name, "") for name in INFO_COLUMNS[:4]}
        file.name_row(row.line, "，".join(filter(None, told.values())), "数据自己的说明，不是检查记录", "")


def _distinct(file: FeedFile, key: Callable[[Mapping[str, str]], object]) -> Iterator[FeedRow]:
    """Rows with a key of their own; the same row again is named, two different ones with one key both are."""
    versions: dict[object, set[tuple[str, ...]]] = defaultdict(set)
    for row in file.rows:
        versions[key(row.cells)].add(tuple(row.cells.values()))
    met: Counter[object] = Counter()
    for row in file.rows:
        mine = key(row.cells)
        met[mine] += 1
        shown = " ".join(row.cells.get(name, "") for name in ("business_id", "name", "date", "score")).strip()
        if not row.cells["business_id"]:
            file.name_row(row.line, shown, "没有 business_id", "补上编号")
        elif len(versions[mine]) > 1:
            file.name_row(row.line, shown, "同一编号（和日期）有几行不同的内容，都没有载入", "核对后只留一行")
        elif met[mine] > 1:
            file.name_row(row.line, shown, "与前面一行完全相同", "删去重复的行")
        else:
            yield row


def _kind(file: FeedFile, row: FeedRow) -> VisitKind:
    written = row.cells.get("type", "")
    kind = _KINDS.get(re.sub(r"[^a-z]", "", written.lower()))
    if kind is None:
        file.note(row.line, written, "不认识的检查类型，按日常检查载入")
        return VisitKind.DAILY
    return kind


def _violation(file: FeedFile, row: FeedRow, written: str) -> Violation:
    match = _CORRECTED.search(written)
    if match is None:
        return Violation(" ".join(written.split()), None)
    corrected_on = _american_day(match[1]) or _day(match[1])
    if corrected_on is None:
        file.note(row.line, match[0], "看不出改正日期，问题照样载入")
    return Violation(" ".join(written[: match.start()].split()), corrected_on)


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    return _real_day(*map(int, match.groups())) if match else _american_day(text)


def _american_day(text: str) -> date | None:
    match = _AMERICAN_DAY.fullmatch(text)
    if match is None:
        return None
    month, day, year = map(int, match.groups())
    return _real_day(year, month, day)


def _real_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _score(text: str) -> Decimal | None:
    number = _number(text)
    return number if number is not None and LOWEST <= number <= HIGHEST else None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _coordinate(file: FeedFile, row: FeedRow, column: str, most: int) -> Decimal | None:
    written = row.cells.get(column, "")
    number = _number(written)
    if not written:
        return None
    if number is None or abs(number) > most:
        file.note(row.line, written, f"{column} 不是坐标，没有载入")
        return None
    return round(number, 6)
