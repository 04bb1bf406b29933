"""The word lists behind the demonstration district, read from `seeds/demonstration`; all of them made up."""

from datetime import date
from functools import cache

from pydantic import BaseModel, ConfigDict

from grading.checklist import Checklist, checklist_text, read_checklist
from grading.yaml_reader import read_yaml
from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.errors import HouseError

SEEDS = PACKAGE_ROOT / "seeds"
CHECKLIST = "cn-catering-2022"


class DemonstrationError(HouseError):
    """The demonstration district cannot be made here."""


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Street(_Words):
    """A street or town with its roads; `weight` is its share of the trade."""

    name: str
    weight: int
    roads: tuple[str, ...]


class Hall(_Words):
    """A shopping mall with a food hall, or a market with stalls."""

    name: str
    street: str
    road: str
    number: int
    hall: str = ""


class DistrictWords(_Words):
    """The district: settings, streets, and the houses that have canteens."""

    region: str
    authority: str
    site_title: str
    contact: str
    complaint_line: str
    streets: tuple[Street, ...]
    malls: tuple[Hall, ...]
    markets: tuple[Hall, ...]
    communities: tuple[str, ...]
    schools: tuple[str, ...]
    kindergartens: tuple[str, ...]
    hospitals: tuple[str, ...]
    elderly_homes: tuple[str, ...]
    workplaces: tuple[str, ...]


class Chain(_Words):
    """A made-up chain brand."""

    brand: str
    trade: str
    branches: int


class Trade(_Words):
    """A kind of business: how many, how large, what it makes, how its signs are put together."""

    id: str
    unit_type: str
    count: int
    area: tuple[int, int]
    seats: tuple[int, int]
    categories: tuple[str, ...]
    risk: int
    name: tuple[str, ...]


class Theme(_Words):
    """A month's theme: the trades it draws from and the items it looks at."""

    month: int
    title: str
    trades: tuple[str, ...]
    items: tuple[str, ...]


class DrawnTheme(_Words):
    """A theme whose pool is a rule by public facts, so that its draw can be checked by anyone."""

    title: str
    items: tuple[str, ...]
    unit_types: tuple[str, ...]
    online_ordering: bool | None = None
    by: str
    weights: dict[str, int]


class CampaignWords(_Words):
    """Themes and fixed wordings of the monthly campaigns and their editions."""

    themes: tuple[Theme, ...]
    drawn_themes: tuple[DrawnTheme, ...]
    chosen_how: str
    drawn_how: str
    value_from: str
    value_how: str
    red_reasons: tuple[str, ...]
    red_theme_reasons: dict[str, str]
    black_measures: tuple[str, ...]
    black_food_measures: tuple[str, ...]
    food_items: tuple[str, ...]
    withdrawal_reason: str
    told_how: str
    spring_festivals: tuple[date, ...]


class FindingWords(_Words):
    """What may be found at one item: `S` affects food safety, `H` is slight; `grave` items decide a visit."""

    code: str
    often: int
    grave: bool = False
    S: tuple[str, ...]
    H: tuple[str, ...]


class _FindingsFile(_Words):
    findings: tuple[FindingWords, ...]


class _TradesFile(_Words):
    trades: tuple[Trade, ...]


@cache
def district_words() -> DistrictWords:
    """Places and settings of the district."""
    return DistrictWords.model_validate(_read("district"))


@cache
def trades() -> tuple[Trade, ...]:
    """The kinds of business."""
    return _TradesFile.model_validate(_read("trades")).trades


@cache
def campaign_words() -> CampaignWords:
    """Themes and wordings of campaigns."""
    return CampaignWords.model_validate(_read("campaigns"))


@cache
def finding_words() -> tuple[FindingWords, ...]:
    """What inspections find."""
    return _FindingsFile.model_validate(_read("findings")).findings


@cache
def name_lists() -> dict[str, tuple[str, ...]]:
    """Lists of words that names are put together from, by list name."""
    values = _read("names")
    return {key: value for key, value in values.items() if key != "chains" and isinstance(value, tuple)}


@cache
def chains() -> tuple[Chain, ...]:
    """The made-up chain brands."""
    values = _read("names")["chains"]
    return tuple(Chain.model_validate(value) for value in values) if isinstance(values, tuple) else ()


@cache
def checklist() -> Checklist:
    """The checklist that the district's inspectors use."""
    path = SEEDS / "checklists" / f"{CHECKLIST}.yaml"
    return read_checklist(checklist_text(path.name, path.read_text(encoding="utf-8")))


def _read(name: str) -> dict[str, object]:
    path = SEEDS / "demonstration" / f"{name}.yaml"
    node, faults = read_yaml(path.name, path.read_text(encoding="utf-8"))
    plain = node.plain() if node is not None else None
    if faults or not isinstance(plain, dict):
        raise DemonstrationError(f"演示数据的词表读不出来：{'；'.join(str(fault) for fault in faults)}")
    return plain
