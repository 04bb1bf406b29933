"""A draft: its heading and lines, and the canonical text whose hash approvals are bound to."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from inspections.record.errors import HouseError
from inspections.surface.sheets.faults import Fault

LIST_WORDS = {"red": "红榜", "black": "黑榜"}
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_FAULTS_TOLD = 20


class EditionError(HouseError):
    """A draft, approval, publication or withdrawal that cannot be; says why and what to do."""


class DraftError(EditionError):
    """A draft with faults; each names its line, its column and the cure."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        told = [str(fault) for fault in faults[:_FAULTS_TOLD]]
        if len(faults) > _FAULTS_TOLD:
            told.append(f"……另有 {len(faults) - _FAULTS_TOLD} 处")
        super().__init__(f"草稿有 {len(faults)} 处要改，没有保存：\n" + "\n".join(told))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class DraftLine:
    """One line as an editor proposes it: which visit goes on which list, and in which words."""

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
class SavedLine:
    """One line as it will be published: the editor's words with what register and visit say."""

    number: int
    list_word: str
    visit_id: int
    unit_id: int
    premises_id: int
    sign_name: str | None
    holder_shown: str
    address: str
    inspected_on: date
    decided_result: str
    reasons: tuple[str, ...]
    measures: str | None
    told_on: date | None
    told_how: str | None
    objection_until_on: date | None
    no_personal_names_by: str


@dataclass(frozen=True)
class SavedDraft:
    """A whole edition as approvers see it and as its hash covers it."""

    month: str
    authority: str
    theme: str | None
    issue_no: int | None
    chosen_how: str
    drawn: int | None
    checked: int | None
    lines: tuple[SavedLine, ...]

    def count(self, list_word: str) -> int:
        """How many lines are on a list."""
        return sum(line.list_word == list_word for line in self.lines)


def checked_month(month: str) -> str:
    """`YYYY-MM`, or an error that shows the form."""
    if not _MONTH.fullmatch(month):
        raise EditionError(f"“{month}”不是月份；请写成 2026-11 的形式。")
    return month


def edition_title(month: str, issue_no: int | None) -> str:
    """`2026年第10期`, or the month where there is no issue number."""
    year = month[:4]
    return f"{year}年第{issue_no}期" if issue_no is not None else f"{year}年{int(month[5:7])}月"


def draft_text(draft: SavedDraft) -> str:
    """The canonical JSON of heading and lines: the same draft gives the same text, any change another."""
    return json.dumps(asdict(draft), ensure_ascii=False, sort_keys=True, default=_day, separators=(",", ":"))


def text_hash(text: str) -> str:
    """The SHA-256 that approvals name."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_draft(text: str) -> SavedDraft:
    """The draft behind its canonical text."""
    written = json.loads(text)
    return SavedDraft(**{**written, "lines": tuple(SavedLine(**_values(line)) for line in written["lines"])})


_DAYS = {field.name for field in fields(SavedLine) if field.name.endswith("_on")}


def _values(line: dict[str, Any]) -> dict[str, Any]:
    values = {key: _read_day(value) if key in _DAYS else value for key, value in line.items()}
    return {**values, "reasons": tuple(line["reasons"])}


def _read_day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _day(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A draft holds no {type(value).__name__}.")
