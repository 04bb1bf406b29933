"""The draft as a table that an editor fills in: proposed from the month's visits, read back with faults."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from inspections.visits.queries import campaign_counts, proposals_of_month
from sqlmodel import Session, col, select

from inspections.surface.sheets.columns import Column, choice, day, text, whole, yes_no
from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.reading import read_sheet
from inspections.visits.tables import Visit
from publishing.editions.drafts import Draft, DraftLine
from publishing.editions.tables import Edition, EditionEntry

_LISTS = {"红榜": "red", "黑榜": "black"}
_HEADERS = (
    "序号", "榜", "检查记录号", "牌匾或主体名称", "检查日期", "上榜理由", "处理措施",
    "告知日期", "告知方式", "异议期截止", "已确认无个人姓名",
)  # fmt: skip


def sheet_columns(on: date) -> tuple[Column, ...]:
    """The columns of a draft's table."""
    first, last = date(2000, 1, 1), date(on.year + 2, 12, 31)
    return (
        Column("number", "序号", "number", whole(1, 9999), True),
        Column("list_word", "榜", "list", choice(_LISTS), True),
        Column("record_key", "检查记录号", "record", text(100), True),
        Column("name", "牌匾或主体名称", "name", text(200)),
        Column("inspected_on", "检查日期", "inspected on", day(first, last), is_day=True),
        Column("reasons", "上榜理由", "reasons", text(1000), True),
        Column("measures", "处理措施", "measures", text(500)),
        Column("told_on", "告知日期", "told on", day(first, last), is_day=True),
        Column("told_how", "告知方式", "told how", text(100)),
        Column("objection_until_on", "异议期截止", "objection until", day(first, last), is_day=True),
        Column("no_personal_names", "已确认无个人姓名", "no personal names", yes_no()),
    )


def propose_draft(session: Session, month: str, *, theme: str | None, issue_no: int | None) -> Draft:
    """A draft from what the rulebook proposes for the month's released visits; nothing is confirmed yet."""
    lines = []
    proposals = proposals_of_month(session, month)
    ordered = sorted(proposals, key=lambda proposal: (proposal.proposed_list, proposal.visited_on))
    for number, proposal in enumerate(ordered, start=1):
        failed = tuple(finding.note or finding.item_text for finding in proposal.findings)
        passed = ("检查的项目均符合要求",)
        reasons = failed or passed
        lines.append(DraftLine(number, proposal.proposed_list, proposal.visit_id, reasons))
    visits, units = campaign_counts(session, month)
    return Draft(month, theme, tuple(lines), issue_no, drawn=units or None, checked=visits or None)


def write_sheet(session: Session, edition: Edition, path: Path) -> None:
    """Write the present draft as the table the editor goes on with."""
    entries = session.exec(
        select(EditionEntry, Visit)
        .join(Visit, col(Visit.id) == col(EditionEntry.visit_id))
        .where(EditionEntry.edition_id == edition.id)
        .order_by(col(EditionEntry.number))
    ).all()
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(f"{edition.key} 草稿")
    bold = book.add_format({"bold": True, "bg_color": "#E3EEF1"})
    wrapped = book.add_format({"num_format": "@", "text_wrap": True})
    sheet.set_column(0, len(_HEADERS) - 1, 14, wrapped)
    sheet.set_column(5, 6, 50, wrapped)
    sheet.write_row(0, 0, _HEADERS, bold)
    for place, (entry, visit) in enumerate(entries, start=1):
        for column, cell in enumerate(_cells(entry, visit)):
            sheet.write_string(place, column, cell)
    sheet.data_validation(1, 1, 999, 1, {"validate": "list", "source": list(_LISTS)})
    sheet.data_validation(1, 10, 999, 10, {"validate": "list", "source": ["是", "否"]})
    sheet.freeze_panes(1, 0)
    book.close()


def _cells(entry: EditionEntry, visit: Visit) -> Iterable[str]:
    words = {value: word for word, value in _LISTS.items()}
    reasons = "；".join(_reasons(entry))
    yield str(entry.number)
    yield words[entry.list_word or "black"]
    yield visit.record_key
    yield entry.sign_name or entry.holder_shown or ""
    yield visit.visited_on.isoformat()
    yield reasons
    yield entry.measures or ""
    yield entry.told_on.isoformat() if entry.told_on else ""
    yield entry.told_how or ""
    yield entry.objection_until_on.isoformat() if entry.objection_until_on else ""
    yield "是" if entry.no_personal_names_by else "否"


def _reasons(entry: EditionEntry) -> list[str]:
    read: list[str] = json.loads(entry.reasons)
    return read


def read_lines(session: Session, path: Path, *, on: date) -> tuple[list[DraftLine], list[Fault]]:
    """The lines of an edited table, and every fault with its place; any fault stops the draft."""
    sheet = read_sheet(path, sheet_columns(on))
    lines, faults = [], []
    for row in sheet.rows:
        faults += [fault for fault in row.faults if not fault.is_warning]
        visit_id = _visit_id(session, row.values.get("record_key"))
        if row.values.get("record_key") and visit_id is None:
            cure = "请从 edition draft 写出的表里抄"
            faults.append(
                Fault(row.number, "检查记录号", str(row.values["record_key"]), "没有这条检查记录", cure)
            )
        if row.is_good and visit_id is not None:
            lines.append(_line(row.values, visit_id))
    return lines, faults + [note for note in sheet.notes if not note.is_warning]


def _visit_id(session: Session, record_key: str | None) -> int | None:
    query = select(Visit.id).where(Visit.record_key == record_key, col(Visit.is_current).is_(True))
    return session.exec(query).first() if record_key else None


def _line(values: dict[str, Any], visit_id: int) -> DraftLine:
    reasons = tuple(part.strip() for part in values["reasons"].replace(";", "；").split("；") if part.strip())
    return DraftLine(
        number=values["number"],
        list_word=values["list_word"],
        visit_id=visit_id,
        reasons=reasons,
        measures=values["measures"],
        told_on=values["told_on"],
        told_how=values["told_how"],
        objection_until_on=values["objection_until_on"],
        no_personal_names=values["no_personal_names"] is True,
    )
