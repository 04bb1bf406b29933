"""The draft as a table that an editor fills in: proposed from the month's visits, read back with faults."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import xlsxwriter
from sqlmodel import Session

from inspections.surface.sheets.columns import Column, choice, day, plain, text, yes_no
from inspections.surface.sheets.faults import CellError, Fault
from inspections.surface.sheets.reading import Row, read_sheet
from inspections.units.codes import parse_code
from publishing.editions.candidates import (
    Candidate,
    VisitBehind,
    visit_by_record,
    visits_at_door,
    visits_behind,
)
from publishing.editions.drafting import ReadLines
from publishing.editions.drafts import LIST_WORDS, DraftLine, SavedDraft, SavedLine

_LISTS = {word: key for key, word in LIST_WORDS.items()}
_RESULTS = {"compliant": "符合", "basically_compliant": "基本符合", "non_compliant": "不符合"}
_ENUMERATED = re.compile(r"^\s*(?:[0-9]{1,2}[.、．)）](?![0-9])|[（(][0-9]{1,2}[)）]|[①-⑳])\s*")
_SEPARATED = re.compile(r"[；;\n\r]+")
_LONGEST = 2000

GUIDANCE = (
    "每行是一次检查。“榜”写红榜或黑榜；不上榜的行把“榜”留空，或删去整行。",
    "“上榜理由”只写检查当日看到的事实，用分号分开；不写个人姓名、证件号和电话。",
    "黑榜须先书面告知该单位：填告知日期、方式；异议期截止日空着时按规定的天数计算。",
    "核对理由和措施里没有个人姓名后，在最后一列填“是”；谁导入这张表，就记录为谁确认。",
)


def sheet_columns(on: date) -> tuple[Column, ...]:
    """The columns of a draft's table; those after the record number up to the proposal are for the eye."""
    first, last = date(2000, 1, 1), date(on.year + 2, 12, 31)
    return (
        Column("list_word", "榜", "list", choice(_LISTS), choices=tuple(_LISTS), width=8),
        Column("code", "门店码", "storefront code", text(40), aliases=("code",)),
        Column("record_key", "检查记录号", "record", text(200), width=20),
        Column("sign_name", "牌匾名称", "sign name", text(200), width=20),
        Column("holder", "主体名称", "licence name", text(200), width=24),
        Column("address", "地址", "address", text(300), width=28),
        Column("inspected_on", "检查日期", "inspected on", text(40)),
        Column("result", "检查结果", "result", text(40), width=10),
        Column("proposed", "规则建议", "proposed", text(40), width=10),
        Column("reasons", "上榜理由", "reasons", sentences, width=50),
        Column("measures", "处理措施", "measures", text(500), width=30),
        Column("told_on", "告知日期", "told on", day(first, last), is_day=True),
        Column("told_how", "告知方式", "told how", text(100), width=20),
        Column("objection_until_on", "异议期截止", "objection until", day(first, last), is_day=True),
        Column("no_personal_names", "已确认无个人姓名", "no personal names", yes_no(), choices=("是", "否")),
    )


def sentences(value: object) -> tuple[str, ...] | None:
    """A cell as several sentences: split at semicolons and line ends, its own numbers taken off."""
    written = plain(value)
    if len(written) > _LONGEST:
        raise CellError(f"有 {len(written)} 个字，最多 {_LONGEST} 个", "请缩短")
    found = (_ENUMERATED.sub("", part).strip().rstrip("。") for part in _SEPARATED.split(written))
    return tuple(part for part in found if part) or None


def write_draft_sheet(
    path: Path,
    on: date,
    *,
    saved: SavedDraft | None,
    visits: dict[int, VisitBehind],
    proposed: list[Candidate],
) -> None:
    """Write the present draft's lines and, below them, the month's other visits to choose from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = sheet_columns(on)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet, help_sheet = book.add_worksheet("草稿"), book.add_worksheet("说明")
    bold = book.add_format({"bold": True, "bg_color": "#E3EEF1", "text_wrap": True})
    as_text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, as_text)
        sheet.write_string(0, place, column.header, bold)
        if column.choices:
            rule = {"validate": "list", "source": list(column.choices), "ignore_blank": True}
            sheet.data_validation(1, place, 5000, place, rule)
    for line, cells in enumerate(_rows(saved, visits, proposed), start=1):
        for place, cell in enumerate(cells):
            sheet.write_string(line, place, cell, as_text)
    sheet.freeze_panes(1, 0)
    help_sheet.set_column(0, 0, 100)
    for line, sentence in enumerate(GUIDANCE):
        help_sheet.write_string(line, 0, sentence)
    book.close()


def _rows(
    saved: SavedDraft | None, visits: dict[int, VisitBehind], proposed: list[Candidate]
) -> Iterator[Iterable[str]]:
    drafted = {line.visit_id for line in saved.lines} if saved is not None else set()
    by_rule = {candidate.visit.visit_id: candidate.proposed_list for candidate in proposed}
    for line in saved.lines if saved is not None else ():
        yield _saved_cells(line, visits[line.visit_id], by_rule.get(line.visit_id))
    for candidate in proposed:
        if candidate.visit.visit_id not in drafted:
            # Once there is a draft, its editor has decided about the rest.
            list_word = candidate.proposed_list if saved is None else None
            reasons = "；".join(candidate.reasons)
            yield (*_visit_cells(list_word, candidate.visit, candidate.proposed_list), reasons)


def _visit_cells(list_word: str | None, visit: VisitBehind, proposed: str | None) -> tuple[str, ...]:
    return (
        LIST_WORDS.get(list_word or "", ""),
        visit.code,
        visit.record_key,
        visit.sign_name or "",
        visit.holder_shown or "",
        visit.address,
        visit.visited_on.isoformat(),
        _RESULTS.get(visit.decided_result or "", visit.decided_result or ""),
        LIST_WORDS.get(proposed or "", ""),
    )


def _saved_cells(line: SavedLine, visit: VisitBehind, proposed: str | None) -> tuple[str, ...]:
    return (
        *_visit_cells(line.list_word, visit, proposed),
        "；".join(line.reasons),
        line.measures or "",
        line.told_on.isoformat() if line.told_on else "",
        line.told_how or "",
        line.objection_until_on.isoformat() if line.objection_until_on else "",
        "是",
    )


def read_lines(session: Session, path: Path, month: str, *, on: date) -> ReadLines:
    """The lines of an edited table that name a list; any fault stops the draft."""
    sheet = read_sheet(path, sheet_columns(on))
    lines: list[DraftLine] = []
    rows: list[int] = []
    faults: list[Fault] = []
    for row in sheet.rows:
        if row.values.get("list_word") is None and not any(fault.column == "榜" for fault in row.faults):
            continue
        visit_id = _visit_of(session, row, month)
        faults += [fault for fault in row.faults if not fault.is_warning]
        if row.is_good and visit_id is not None:
            rows.append(row.number)
            lines.append(_line(len(lines) + 1, row, visit_id))
    faults += [note for note in sheet.notes if not note.is_warning]
    return ReadLines(tuple(lines), tuple(rows), tuple(faults))


def _visit_of(session: Session, row: Row, month: str) -> int | None:
    """The visit a row means: by its record number, else the only one behind its door in the month."""
    record_key, written_code = row.values.get("record_key"), row.values.get("code")
    code = parse_code(written_code) if written_code else None
    if written_code and code is None:
        row.fault("门店码", written_code, "不是门店码", "请对照公示牌二维码下面印的码改正")
        return None
    if not record_key:
        return _only_visit(session, row, code, month)
    visit_id = visit_by_record(session, record_key)
    if visit_id is None:
        row.fault("检查记录号", record_key, "没有这条检查记录", "请从 edition draft 写出的表里抄")
        return None
    behind = visits_behind(session, [visit_id])[visit_id]
    if code is not None and behind.code != code:
        row.fault("门店码", written_code, f"与检查记录的门店码 {behind.code} 不一致", "请核对是否串行")
        return None
    return visit_id


def _only_visit(session: Session, row: Row, code: str | None, month: str) -> int | None:
    if code is None:
        row.fault("门店码", "", "门店码和检查记录号都是空的", "请至少写一个")
        return None
    found = visits_at_door(session, code, month)
    if len(found) == 1:
        return found[0].visit_id
    if found:
        keys = "、".join(visit.record_key for visit in found)
        row.fault("检查记录号", "", f"该门店 {month} 有 {len(found)} 次检查", f"请写明是哪一次：{keys}")
    else:
        row.fault(
            "门店码", code, f"该门店 {month} 没有已发布且判定了结果的检查", "请写检查记录号，或删去这一行"
        )
    return None


def _line(number: int, row: Row, visit_id: int) -> DraftLine:
    values = row.values
    return DraftLine(
        number=number,
        list_word=values["list_word"],
        visit_id=visit_id,
        reasons=values["reasons"] or (),
        measures=values["measures"],
        told_on=values["told_on"],
        told_how=values["told_how"],
        objection_until_on=values["objection_until_on"],
        no_personal_names=values["no_personal_names"] is True,
    )
