"""The rule of a pool and of its strata: by public facts only, kept as JSON, said in one Chinese sentence."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from inspections.campaigns.drawing.canonical import canonical
from inspections.campaigns.errors import CampaignError
from inspections.units.words import unit_type_words, unit_types

EVERYBODY = "全部"
NOMINATED = "群众点检"
UNGRADED = "未评定等级"
HEAVIEST = 100
_MOST_DIGITS = 6


class StrataBy(StrEnum):
    """By which public fact a pool is divided."""

    NOTHING = "nothing"
    UNIT_TYPE = "unit_type"
    STREET = "street"
    GRADE = "grade"


STRATA_WORDS = {
    StrataBy.NOTHING: "不分层",
    StrataBy.UNIT_TYPE: "按业态分层",
    StrataBy.STREET: "按街镇分层",
    StrataBy.GRADE: "按风险等级分层",
}


@dataclass(frozen=True)
class PoolRule:
    """Which units can be drawn. What is empty does not narrow the pool."""

    streets: tuple[str, ...] = ()
    unit_types: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    online_ordering: bool | None = None
    due_by: date | None = None
    nominated_from: int | None = None
    """Units with so many votes join the pool, whatever else they are."""

    def text(self) -> str:
        """The rule as it is stored."""
        return canonical({**asdict(self), "due_by": self.due_by.isoformat() if self.due_by else None})

    def sentence(self) -> str:
        """The rule for people, as the announcement and the certificate say it."""
        narrowed = [
            _some("街镇", self.streets),
            _some("业态", [unit_type_words(word)[0] for word in self.unit_types]),
            _some("连锁", self.chains),
            _some("风险等级", self.grades),
            {True: "有网络订餐", False: "没有网络订餐", None: ""}[self.online_ordering],
            f"{_day(self.due_by)}前应当检查" if self.due_by else "",
        ]
        said = "，".join(part for part in narrowed if part) or "全部"
        added = f"；另加入群众点检满 {self.nominated_from} 票的单位" if self.nominated_from else ""
        return f"在营餐饮服务单位中：{said}{added}。"


@dataclass(frozen=True)
class StrataRule:
    """How the pool is divided, and how often one of a stratum is drawn beside one of another."""

    by: StrataBy = StrataBy.NOTHING
    weights: Mapping[str, int] = field(default_factory=dict)
    nominated_apart: bool = False
    """Units that the public nominated form a stratum of their own."""

    def text(self) -> str:
        """The rule as it is stored."""
        return canonical(
            {"by": self.by.value, "weights": dict(self.weights), "nominated_apart": self.nominated_apart}
        )

    def weight(self, stratum: str) -> int:
        """The weight of a stratum; one that is not named has weight 1."""
        return self.weights.get(stratum, 1)


def read_pool_rule(text: str) -> PoolRule:
    """A stored rule of a pool."""
    read: dict[str, Any] = json.loads(text)
    day = read.pop("due_by")
    lists = {name: tuple(value) for name, value in read.items() if isinstance(value, list)}
    return PoolRule(**(read | lists), due_by=date.fromisoformat(day) if day else None)


def read_strata_rule(text: str) -> StrataRule:
    """A stored rule of strata."""
    read: dict[str, Any] = json.loads(text)
    return StrataRule(StrataBy(read["by"]), read["weights"], read["nominated_apart"])


def require_public_facts(pool: PoolRule, strata: StrataRule, *, grade_is_public: bool) -> None:
    """Refuse rules that would tell what is not public, and weights that are none."""
    if not grade_is_public and (strata.by is StrataBy.GRADE or pool.grades):
        raise CampaignError(
            "风险等级现在不公示，不能按等级选库或分层：公布名单时会泄露等级。"
            "请改用业态或街镇，或先用设置 grade_is_public 公示等级。"
        )
    unknown = [word for word in pool.unit_types if word not in unit_types()]
    if unknown:
        raise CampaignError(f"没有“{unknown[0]}”这个业态；可用的有：{'、'.join(unit_types())}。")
    for name, weight in strata.weights.items():
        if not 1 <= weight <= HEAVIEST:
            raise CampaignError(f"层“{name}”的权重 {weight} 不对；请写 1 到 {HEAVIEST} 的整数。")
    kinds = {str(kind["zh"]) for kind in unit_types().values()}
    strange = [] if strata.by is not StrataBy.UNIT_TYPE else sorted(set(strata.weights) - kinds - {NOMINATED})
    if strange:
        raise CampaignError(f"按业态分层，没有“{strange[0]}”这一层；可用的有：{'、'.join(sorted(kinds))}。")
    if strata.by is StrataBy.NOTHING and strata.weights:
        raise CampaignError("不分层就没有权重；请选择怎样分层，或删去权重。")
    if pool.nominated_from is None and strata.nominated_apart:
        raise CampaignError("点检单位单独成层，须先写明满多少票入库；请填入票数，或不单独成层。")


def read_weights(text: str) -> dict[str, int]:
    """Weights as people write them: `餐馆 2` on a line of its own, a colon or an equals sign between them."""
    found: dict[str, int] = {}
    for line in text.replace("：", " ").replace(":", " ").replace("=", " ").splitlines():
        *name, weight = line.split() or [""]
        if not weight:
            continue
        if not name or not weight.isdecimal() or len(weight) > _MOST_DIGITS:
            raise CampaignError(f"权重“{line.strip()}”看不懂；每行写一个层名和一个整数，例如：餐馆 2。")
        found[" ".join(name)] = int(weight)
    return found


def _some(label: str, words: Sequence[str]) -> str:
    return f"{label}为{'、'.join(words)}" if words else ""


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
