"""The file of visits: its columns, and how answers stand in it, in columns or in a long file of their own."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from grading.checklist import Checklist
from grading.vocabulary import FAILED, Answer
from inspections.surface.sheets.columns import Column, choice, day, decimal, plain, text, yes_no
from inspections.surface.sheets.faults import CellError
from inspections.surface.sheets.reading import Row
from inspections.visits.service import NewFinding
from inspections.visits.tables import VisitKind

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
_LONGEST_NOTE = 1000

KIND_WORDS = {
    "日常监督检查": VisitKind.DAILY,
    "随机查餐厅": VisitKind.CAMPAIGN,
    "飞行检查": VisitKind.FLYING,
    "专项检查": VisitKind.SPECIAL,
    "个案检查": VisitKind.CASE_BASED,
    "复查": VisitKind.RECHECK,
}
_KINDS = KIND_WORDS | {"日常检查": VisitKind.DAILY}

ANSWER_WORDS = {
    "符合": Answer.PASS,
    "不符合": Answer.FAIL,
    "不符合且影响食品安全": Answer.FAIL_SAFETY,
    "不符合但轻微": Answer.FAIL_SLIGHT,
    "不适用": Answer.NOT_APPLICABLE,
    "未检查": Answer.NOT_CHECKED,
}
_ANSWERS: Mapping[str, Answer] = {
    **ANSWER_WORDS,
    **{answer.zh: answer for answer in Answer},
    **{answer.value: answer for answer in Answer},
    **{answer.name.lower(): answer for answer in Answer},
    "是": Answer.PASS,
    "否": Answer.FAIL,
    "√": Answer.PASS,
    "×": Answer.FAIL,
    "合理缺项": Answer.NOT_APPLICABLE,
    "": Answer.NOT_CHECKED,
}


def _folded(written: str) -> str:
    return unicodedata.normalize("NFKC", written).strip().lower()


_ANSWERS_FOLDED = {_folded(word): answer for word, answer in _ANSWERS.items()}
_NOTE = re.compile(r"(?P<code>.+?)(?:备注|问题描述|问题|说明|note)")
_NUMBERED = re.compile(r"第(?P<code>.+)项|(?:项目?|item)(?P<other>.+)")
_SEPARATORS = re.compile(r"[、,，;；\s]+")


def _key(value: object) -> str | None:
    written = unicodedata.normalize("NFKC", plain(value)).strip()
    if len(written) > 60:
        raise CellError("记录编号超过 60 个字符", "请检查是否串列")
    return written or None


def _codes(value: object) -> tuple[str, ...]:
    written = unicodedata.normalize("NFKC", plain(value))
    return tuple(code for code in _SEPARATORS.split(written) if code)


VISIT_COLUMNS = (
    Column(
        "record_key",
        "记录编号",
        "record number",
        _key,
        required=True,
        aliases=("检查记录编号", "单号"),
        note="本局检查记录的编号，每条记录一个，不重复；再次导入时按它认出同一条记录",
        width=20,
    ),
    Column("code", "门店码", "storefront code", text(20), note="与许可证编号、信用代码三选一", width=14),
    Column(
        "licence_number",
        "许可证编号",
        "licence number",
        text(40),
        aliases=("食品经营许可证编号",),
        note="现用或曾用的编号都可以",
        width=20,
    ),
    Column("credit_code", "统一社会信用代码", "credit code", text(40), note="须同时写地址", width=22),
    Column("address", "经营场所地址", "address", text(200), aliases=("地址", "经营场所"), width=30),
    Column(
        "visited_on",
        "检查日期",
        "visited on",
        day(EARLIEST, LATEST),
        required=True,
        note="如 2026-11-24",
        is_day=True,
    ),
    Column(
        "kind",
        "检查类型",
        "kind",
        choice(_KINDS, shown=tuple(KIND_WORDS)),
        required=True,
        choices=tuple(KIND_WORDS),
    ),
    Column(
        "checklist", "检查要点表", "checklist", text(60), note="要点表的代号；整个文件相同时可不写", width=22
    ),
    Column(
        "result",
        "检查结果",
        "result",
        text(30),
        required=True,
        aliases=("检查结论", "判定结果"),
        choices=("符合", "基本符合", "不符合"),
        note="检查人员判定的结果",
    ),
    Column("score", "得分", "score", decimal(0, 1000), note="所用办法有得分时填写", width=8),
    Column("handling", "处理措施", "handling", text(500), width=24),
    Column("inspectors", "检查人员", "inspectors", text(200), note="不公开", width=16),
    Column("theme", "主题", "theme", text(100), note="随机查餐厅的主题", width=16),
    Column("theme_items", "主题项目", "theme items", _codes, note="主题所查的项目编号，用顿号分开"),
    Column("recheck_of", "复查的记录编号", "recheck of", _key, note="复查时写原检查的记录编号", width=20),
    Column(
        "deadline_on", "整改期限", "deadline", day(EARLIEST, LATEST), note="责令限期整改的期限", is_day=True
    ),
    Column(
        "correction_reason",
        "更正说明",
        "correction reason",
        text(500),
        note="更正已导入的记录时写明原因",
        width=24,
    ),
)

ITEM_COLUMNS = (
    Column("record_key", "记录编号", "record number", _key, required=True, aliases=("检查记录编号", "单号")),
    Column("code", "项目", "item", _key, required=True, aliases=("项目编号", "序号", "item code")),
    Column("answer", "评价", "answer", text(30), required=True, aliases=("结果", "检查结果", "是否符合")),
    Column("note", "问题描述", "note", text(_LONGEST_NOTE), aliases=("备注", "问题")),
    Column("corrected_on_spot", "当场改正", "corrected on the spot", yes_no()),
    Column("deadline_on", "整改期限", "deadline", day(EARLIEST, LATEST), is_day=True),
    Column("corrected_on", "改正日期", "corrected on", day(EARLIEST, LATEST), is_day=True),
)


@dataclass
class ItemAnswer:
    """What a file says of one item of one visit."""

    answer: Answer
    note: str = ""
    corrected_on_spot: bool | None = None
    deadline_on: date | None = None
    corrected_on: date | None = None


@dataclass
class ItemRows:
    """The rows of a long file by record number."""

    by_record: dict[str, list[Row]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "ItemRows":
        """Gather the rows; those without a record number stay under the empty one."""
        found = cls()
        for row in rows:
            found.by_record.setdefault(row.values.get("record_key") or "", []).append(row)
        return found


def read_answer(value: object) -> Answer:
    """The answer that a cell means; an empty one was not checked."""
    found = _ANSWERS_FOLDED.get(_folded(plain(value)))
    if found is not None:
        return found
    raise CellError("不是允许的评价", f"请从这些里选：{'、'.join(ANSWER_WORDS)}")


class CodeReader:
    """Finds an item of a checklist by what stands in a header or cell."""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist
        self._known = {item.alt.lower(): item.code for item in checklist.items if item.alt}
        self._known |= {item.code.lower(): item.code for item in checklist.items}

    def code(self, written: str) -> str | None:
        """The item's code: `3`, `3.1`, `第3项`."""
        folded = unicodedata.normalize("NFKC", written).replace(" ", "").lower().removesuffix(".")
        found = self._known.get(folded)
        match = _NUMBERED.fullmatch(folded) if found is None else None
        return self._known.get(match["code"] or match["other"]) if match else found

    def note_of(self, header: str) -> str | None:
        """The item that a column of notes belongs to: `3备注`."""
        match = _NOTE.fullmatch(unicodedata.normalize("NFKC", header).replace(" ", "").lower())
        return self.code(match["code"]) if match else None


def answers_in_columns(row: Row, codes: CodeReader) -> dict[str, ItemAnswer]:
    """The answers that stand in a row's own columns; what does not fit becomes a fault of the row."""
    found: dict[str, ItemAnswer] = {}
    notes: dict[str, tuple[str, str]] = {}
    for header, written in row.other.items():
        if not written:
            continue
        code, noted = codes.code(header), codes.note_of(header)
        if code is not None:
            _take(row, found, code, header, written)
        elif noted is not None:
            notes[noted] = header, written
            if len(written) > _LONGEST_NOTE:
                row.fault(header, written, f"有 {len(written)} 个字，最多 {_LONGEST_NOTE} 个", "请缩短")
        else:
            size = f"{codes.checklist.id} 共 {len(codes.checklist.items)} 项"
            cure = f"请核对项目编号和检查要点表（{size}）；不是检查项目的列请删去"
            row.fault(header, written, "检查要点表里没有这一项", cure)
    for code, (header, note) in notes.items():
        if code not in found or found[code].answer.value not in FAILED:
            row.fault(header, note, "写了问题，但这一项没有评为不符合", "请把这一项改为不符合，或删去问题")
        else:
            found[code].note = note
    return found


def _take(row: Row, found: dict[str, ItemAnswer], code: str, header: str, written: str) -> None:
    try:
        answer = read_answer(written)
    except CellError as wrong:
        row.fault(header, written, wrong.what, wrong.cure)
        return
    if code in found:
        row.fault(header, written, f"第 {code} 项有两列", "请删去其中一列")
    found[code] = ItemAnswer(answer)


def answers_in_rows(row: Row, rows: Iterable[Row], codes: CodeReader) -> dict[str, ItemAnswer]:
    """The answers of a long file; a fault of one of its rows is a fault of the visit too."""
    found: dict[str, ItemAnswer] = {}
    for item_row in rows:
        values = item_row.values
        code = codes.code(values.get("code") or "")
        if not item_row.is_good:
            continue
        if code is None:
            item_row.fault("项目", values["code"], "检查要点表里没有这一项", "请核对项目编号和检查要点表")
        elif code in found:
            item_row.fault("项目", values["code"], "这条记录的同一项出现了两次", "请删去其中一行")
        else:
            _read_item(item_row, values, found, code)
    if any(not item_row.is_good for item_row in rows):
        row.fault("", "", "逐项文件里有这条记录的错误行", "请先改好逐项文件里的错误")
    return found


def _read_item(row: Row, values: Mapping[str, Any], found: dict[str, ItemAnswer], code: str) -> None:
    try:
        answer = read_answer(values["answer"])
    except CellError as wrong:
        row.fault("评价", values["answer"], wrong.what, wrong.cure)
        return
    if values["note"] and answer.value not in FAILED:
        row.fault("问题描述", values["note"], "写了问题，但没有评为不符合", "请改为不符合，或删去问题")
        return
    found[code] = ItemAnswer(
        answer,
        values["note"] or "",
        values["corrected_on_spot"],
        values["deadline_on"],
        values["corrected_on"],
    )


def findings_of(answers: Mapping[str, ItemAnswer], deadline_on: date | None) -> tuple[NewFinding, ...]:
    """The failed items as findings; the visit's own deadline stands where an item has none."""
    return tuple(
        NewFinding(
            code, item.note, item.corrected_on_spot, item.deadline_on or deadline_on, item.corrected_on
        )
        for code, item in answers.items()
        if item.answer.value in FAILED
    )
