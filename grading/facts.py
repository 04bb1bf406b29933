"""What the engine is told about a visit, a unit, and a proposal for the list."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from grading.checklist import Checklist
from grading.vocabulary import Answer


class DecidedVisit(NamedTuple):
    """A past visit with the result its inspectors decided; `provisional` when that rests on such items."""

    day: date
    result: str | None
    score: Decimal | int | None = None
    kind: str = "daily"
    is_recheck: bool = False
    provisional: bool = False


class Adjustment(NamedTuple):
    """A fact that moves the grade of a year: what happened when, by which document, who decided."""

    condition: str
    occurred_on: date
    document: str
    levels: int
    decided_by: str
    why: str


class UnitFacts(NamedTuple):
    """What a grade depends on besides visits; None means that it is not known.

    No special group is the usual case and written as (); no category of food would be no catering.
    """

    unit_type: str
    area_m2: Decimal | int | None = None
    seats: int | None = None
    persons_served: int | None = None
    size_class: str | None = None
    food_categories: tuple[str, ...] | None = None
    special_groups: tuple[str, ...] = ()
    licensed_on: date | None = None
    facilities_points: Decimal | int | None = None
    clean_since: date | None = None


class ListingFacts(NamedTuple):
    """What a proposal for the red or black list depends on."""

    result: str | None
    grade: str | None
    kind: str
    themed: bool
    failed: int
    theme_failed: int
    safety_failed: int
    key_safety_failed: int
    complete: bool = True
    provisional: bool = False

    @classmethod
    def of(
        cls,
        checklist: Checklist,
        answers: str,
        *,
        result: str | None,
        grade: str | None,
        kind: str,
        theme_items: Sequence[str] = (),
    ) -> "ListingFacts":
        """Count a visit's failed items; `theme_items` are the codes of a campaign's theme."""
        checklist.verify(answers)
        theme = set(theme_items)
        failed = checklist.failed(answers)
        safety = [item for item, answer in failed if answer is Answer.FAIL_SAFETY]
        return cls(
            result=result,
            grade=grade,
            kind=kind,
            themed=bool(theme),
            failed=len(failed),
            theme_failed=sum(item.code in theme for item, _ in failed),
            safety_failed=len(safety),
            key_safety_failed=sum(item.mark == "key" for item in safety),
            complete="-" not in answers,
            provisional=checklist.is_provisional(answers),
        )


VISIT_FACTS = frozenset({"findings", "unit_class", "checklist"})
UNIT_FACTS = frozenset((*UnitFacts._fields, "visits", "adjustments", "on"))
LISTING_FACTS = frozenset(ListingFacts._fields)
FACTS_OF = {"result": VISIT_FACTS, "grade": UNIT_FACTS, "listing": LISTING_FACTS}
FACTS_ZH = {
    "findings": "发现的问题",
    "unit_type": "业态",
    "area_m2": "经营面积（平方米）",
    "seats": "座位数",
    "persons_served": "就餐或供餐人数",
    "size_class": "规模",
    "food_categories": "食品制售类别",
    "special_groups": "主要服务人群",
    "licensed_on": "首次许可日期",
    "facilities_points": "卫生设施评分",
    "clean_since": "无违法记录起始日",
    "visits": "已定结果的检查",
    "adjustments": "等级调整事项",
    "on": "评定日",
    "result": "检查结果",
    "grade": "风险等级",
    "kind": "检查类型",
    "themed": "有主题",
    "failed": "不符合项数",
    "theme_failed": "主题项目不符合数",
    "safety_failed": "影响食品安全的不符合项数",
    "key_safety_failed": "影响食品安全的重点项不符合数",
    "complete": "全部项目均已检查",
    "provisional": "依据暂代项目",
    "checklist": "检查要点表",
    "unit_class": "业态规模类别",
}
CONDITIONS_ZH = {
    "deliberate_breach_punished": "故意违法受到处罚",
    "sample_failed": "国家或省级监督抽检不合格",
    "bad_social_effect": "违法造成不良社会影响",
    "accident": "发生食品安全事故",
    "serious_breach": "严重违法",
    "recall_or_stop_not_done": "没有履行召回或停业义务",
    "inspection_obstructed": "拒绝、逃避、阻挠检查",
    "provincial_other": "省级规定的其他调高情形",
    "three_years_no_violation": "连续三年没有违法记录",
    "gmp_or_haccp_certified": "通过 GMP 或 HACCP 认证",
    "government_quality_award": "获得政府质量奖",
    "provincial_other_lower": "省级规定的其他调低情形",
    "closed_by_authority": "被责令停业",
    "licence_suspended": "被暂停许可",
    "convicted": "被定罪",
    "hygiene_officer_appointed": "配备食品卫生负责人",
    "safety_system_in_place": "建立食品安全管理体系",
}
"""Events that rulebooks speak of, in words; a rulebook may name others."""
