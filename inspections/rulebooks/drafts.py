"""Rulebooks that a person names: a stored scheme, or a draft on disk read whole with what it is laid over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from sqlmodel import Session

from grading.checklist import Checklist
from grading.errors import RulebookError
from grading.rulebook import Rulebook, read_rulebook
from inspections.rulebooks.checking import (
    RULEBOOK,
    checklists_beside,
    folder_files,
    kind_of,
    scheme_beside,
)
from inspections.rulebooks.files import SEEDS, Files, ReadFiles, stacked_text
from inspections.rulebooks.queries import RulesError, newest_rulebook

_DAY_MARK = "@"


@dataclass(frozen=True)
class Draft:
    """A rulebook that is not stored, with the checklists beside it and the shipped ones."""

    rulebook: Rulebook
    text: str
    checklists: Mapping[str, Checklist]


def draft_at(path: Path) -> Draft:
    """The draft in a folder or file; every fault in it is told."""
    if not path.exists():
        raise RulesError(f"找不到 {path}；请检查路径。")
    read = ReadFiles()
    if path.is_file():
        read.add(path)
    else:
        read = folder_files(path)
    if read.faults:
        raise RulebookError(read.faults)
    folder = path.parent if path.is_file() else path
    return draft_of(folder.name, read.texts, folder)


def draft_of(name: str, files: Files, folder: Path = SEEDS / "rulebooks" / "-") -> Draft:
    """The draft that these files make up; what it is laid over is looked for beside its folder."""
    rules = {file: text for file, text in files.items() if kind_of(file, text) == RULEBOOK}
    if not rules:
        raise RulesError(f"{name} 里没有规则文件（.yaml）；请给出规则所在的文件夹。")
    text = stacked_text(name, rules, partial(scheme_beside, folder.resolve().parent))
    return Draft(read_rulebook(text), text, {one.id: one for one in checklists_beside(folder)})


def rulebook_named(session: Session, name: str) -> Rulebook:
    """The draft at a path, or the stored rulebook of a scheme."""
    if Path(name).exists() or "/" in name:
        return draft_at(Path(name)).rulebook
    return newest_rulebook(session, name).rulebook


def with_day(name: str) -> tuple[str, date | None]:
    """A name that may end in `@2026-01-31`, taken apart."""
    head, mark, day = name.rpartition(_DAY_MARK)
    if not mark:
        return name, None
    try:
        return head, date.fromisoformat(day)
    except ValueError as error:
        raise RulesError(f"“{name}”里 @ 之后应是日期；请写成 {head}@2026-01-31 的样子。") from error
