"""Papers of a visit as PDF: A4, record number and page numbers on each page, nothing unprintable lost."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typst
from sqlmodel import Session

from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.database import read_only
from inspections.record.errors import HouseError
from inspections.record.evidence import place_of
from inspections.record.house import House
from inspections.surface.fonts import PrintFonts, composed, print_fonts
from inspections.visits.sync.papers import Paper, checklist_paper, notice_paper, record_paper
from inspections.visits.sync.queries import FieldRecord, field_record, find_field_visit

TEMPLATES = PACKAGE_ROOT / "templates" / "documents"

_PAPERS: Mapping[str, Callable[[Session, FieldRecord], Paper]] = {
    "notice": notice_paper,
    "record": record_paper,
    "checklist": checklist_paper,
}
_BEFORE_SIGNING = frozenset({"notice"})


class DocumentError(HouseError):
    """A paper that does not exist yet."""


@dataclass(frozen=True)
class Document:
    """A finished PDF with the name it is kept under."""

    content: bytes
    file_name: str


def document_pdf(house: House, client_id: str, name: str, *, account_id: int | None) -> Document | None:
    """A paper of a visit; none where there is no such visit or paper, or the account takes no part in it.

    Without an account it is for the desk, whose pages ask for their own role.
    """
    make = _PAPERS.get(name)
    if make is None:
        return None
    with read_only(house.engine) as session:
        visit = find_field_visit(session, client_id)
        if visit is None or account_id not in {None, visit.lead_account_id, visit.second_account_id}:
            return None
        if visit.signed_at is None and name not in _BEFORE_SIGNING:
            raise DocumentError("这次检查还没有签结；签结并上传后才能取得这份文书。")
        paper = make(session, field_record(session, visit))
        as_of = visit.signed_received_at or visit.received_at
    content = paper_pdf(paper, house.configuration.evidence_directory, as_of=as_of)
    return Document(content, quote(f"{paper.number or '检查'}-{paper.title}.pdf"))


def paper_pdf(paper: Paper, evidence: Path, *, as_of: datetime, fonts: PrintFonts | None = None) -> bytes:
    """A paper as PDF; the same record gives the same bytes."""
    fonts = fonts or print_fonts()
    content = {
        **paper.content,
        "drawings": [
            {
                "role": drawing.role,
                "name": drawing.name,
                "on": drawing.on,
                "instead": drawing.instead,
                "picture": _bytes_of(evidence, drawing.sha256),
            }
            for drawing in paper.drawings
        ],
    }
    strange: set[str] = set()
    printable = _printable(content, fonts, strange)
    printed = {
        "paper": printable,
        "families": list(dict.fromkeys(font.family for font in fonts.regular.fonts)),
        "strange": sorted(strange),
    }
    return typst.compile(
        TEMPLATES / f"{paper.template}.typ",
        root=TEMPLATES,
        font_paths=_typst_fonts(fonts.directories),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"printed": json.dumps(printed)},
        timestamp=as_of.replace(microsecond=0),
    )


@cache
def _typst_fonts(directories: tuple[Path, ...]) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(directory) for directory in directories],
    )


def _bytes_of(evidence: Path, sha256: str | None) -> list[int] | None:
    """A picture as the template takes it."""
    return None if sha256 is None else list(place_of(evidence, sha256).read_bytes())


def _printable(value: Any, fonts: PrintFonts, strange: set[str]) -> Any:
    """Every text with what no font can draw written as its code: a paper is never refused for one sign."""
    if isinstance(value, str):
        return "".join(_drawable(sign, fonts, strange) for sign in composed(value))
    if isinstance(value, Mapping):
        return {key: _printable(part, fonts, strange) for key, part in value.items()}
    if isinstance(value, list) and not (value and isinstance(value[0], int)):
        return [_printable(part, fonts, strange) for part in value]
    return value


def _drawable(sign: str, fonts: PrintFonts, strange: set[str]) -> str:
    if sign in "\n\t" or fonts.regular.font_for(sign) is not None:
        return sign
    strange.add(f"U+{ord(sign):04X}")
    return f"〔U+{ord(sign):04X}〕"
