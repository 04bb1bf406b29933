"""A draft: the heading and lines an editor proposes, and the hash that approvals are bound to."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import date

from inspections.record.errors import HouseError
from publishing.editions.wording import wording_fault

LIST_WORDS = {"red": "红榜", "black": "黑榜"}
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


class EditionError(HouseError):
    """A draft, approval, publication or withdrawal that cannot be; says why and what to do."""


@dataclass(frozen=True)
class DraftLine:
    """One line: which visit of which unit goes on which list, and in which words."""

    number: int
    list_word: str
    visit_id: int
    reasons: tuple[str, ...]
    measures: str | None = None
    told_on: date | None = None
    told_how: str | None = None
    objection_until_on: date | None = None
    no_personal_names: bool = False


@dataclass(frozen=True)
class Draft:
    """A month's edition as an editor proposes it."""

    month: str
    theme: str | None
    lines: tuple[DraftLine, ...]
    issue_no: int | None = None
    chosen_how: str = ""
    drawn: int | None = None
    checked: int | None = None


@dataclass(frozen=True)
class ShownLine:
    """What the register and the visit add to a line: the names and day as they will be published."""

    unit_id: int
    premises_id: int
    sign_name: str | None
    holder_shown: str
    address: str
    inspected_on: date


def checked_month(month: str) -> str:
    """`YYYY-MM`, or an error that shows the form."""
    if not _MONTH.fullmatch(month):
        raise EditionError(f"“{month}”不是月份；请写成 2026-11 的形式。")
    return month


def draft_hash(draft: Draft, shown: dict[int, ShownLine]) -> str:
    """SHA-256 over heading, lines, and what each line shows: any change of it lapses the approvals."""
    seen = {
        "heading": [draft.month, draft.theme, draft.issue_no, draft.chosen_how, draft.drawn, draft.checked],
        "lines": [[asdict(line), asdict(shown[line.number])] for line in draft.lines],
    }
    text = json.dumps(seen, ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_wording(draft: Draft) -> None:
    """Refuse a draft whose texts may not be published, naming the line."""
    _refuse("主题", draft.theme or "")
    _refuse("抽取说明", draft.chosen_how)
    for line in draft.lines:
        for text in (*line.reasons, line.measures or "", line.told_how or ""):
            _refuse(f"第 {line.number} 条", text)
        if not line.reasons:
            raise EditionError(f"第 {line.number} 条没有上榜理由；请写检查中看到的事实。")
        if line.list_word not in LIST_WORDS:
            raise EditionError(f"第 {line.number} 条的榜是“{line.list_word}”；请写红榜或黑榜。")
    if len({line.number for line in draft.lines}) != len(draft.lines):
        raise EditionError("有两条用了同一个序号；请让每条的序号不同。")
    if len({line.visit_id for line in draft.lines}) != len(draft.lines):
        raise EditionError("同一次检查出现在两条里；一次检查每期只能上一个榜。")


def _refuse(place: str, text: str) -> None:
    fault = wording_fault(text)
    if fault:
        raise EditionError(f"{place}：{fault}。")
