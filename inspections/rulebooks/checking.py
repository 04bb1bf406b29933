"""Checking drafts on disk: rulebooks, checklists and holdings, in a file, a folder, or folders in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from grading.bundles import base_of, bundle
from grading.check import ALL_ELSE, EVERYTHING, CheckReport, check_checklist, check_holdings, check_rulebook
from grading.checklist import Checklist
from grading.errors import Fault, RulebookError
from grading.facts import FACTS_OF
from grading.reading import read_layers
from grading.yaml_reader import read_yaml
from inspections.rulebooks.files import (
    SEEDS,
    Files,
    ReadFiles,
    checklist_texts,
    read_folder,
    scheme_folders,
    stacked_text,
)
from inspections.rulebooks.queries import RulesError, parsed_checklist

_ALL = tuple(FACTS_OF)
WITH_CHECKLISTS = "规则与检查表是否对得上"
RULEBOOK, CHECKLIST, HOLDINGS = "规则", "检查表", "适用名录"


@dataclass(frozen=True)
class Checked:
    """What the check says about one rulebook, checklist or holdings file."""

    name: str
    kind: str
    report: CheckReport


def check_path(path: Path, on: date) -> list[Checked]:
    """Everything that is wrong below a path, in one run; nothing is stored."""
    if not path.exists():
        raise RulesError(f"找不到 {path}；请检查路径。")
    if path.is_file():
        read = ReadFiles()
        read.add(path)
        return list(_checked(path.parent, path.name, read, on))
    folders = [path, *(inner for inner in sorted(path.iterdir()) if inner.is_dir())]
    rows = [row for folder in folders for row in _checked(folder, folder.name, folder_files(folder), on)]
    # A checklist that cannot be read is told in its own folder and beside its rulebook: once is enough.
    found = [row for place, row in enumerate(rows) if row not in rows[:place]]
    if not found:
        raise RulesError(f"{path} 里没有 .yaml 文件；请给出规则所在的文件夹。")
    return found


def folder_files(folder: Path) -> ReadFiles:
    """The texts of a folder's files, and a fault for each that could not be read."""
    read = ReadFiles()
    for file in sorted(folder.glob("*.yaml")):
        read.add(file)
    return read


def _checked(folder: Path, name: str, read: ReadFiles, on: date) -> Iterator[Checked]:
    kinds = {file: kind_of(file, text) for file, text in read.texts.items()}
    for file, kind in kinds.items():
        if kind == CHECKLIST:
            yield Checked(file, kind, check_checklist(bundle({file: read.texts[file]})))
        elif kind == HOLDINGS:
            yield Checked(file, kind, check_holdings(bundle({file: read.texts[file]}), _procedures(folder)))
    files = {file: text for file, text in read.texts.items() if kinds[file] == RULEBOOK}
    if files:
        unreadable = list(_unreadable_checklists(folder))
        yield from unreadable
        checklists = () if unreadable else checklists_beside(folder)
        report = _rulebook(folder, files, on, read.unread, checklists)
        if unreadable:
            left = "、".join(filter(None, (WITH_CHECKLISTS, report.left)))
            report = replace(report, left=left)
        yield Checked(name, RULEBOOK, replace(report, faults=tuple(sorted({*read.faults, *report.faults}))))
    elif read.faults:
        yield Checked(name, RULEBOOK, CheckReport("", tuple(read.faults), (), (), (), ALL_ELSE))


def kind_of(file: str, text: str) -> str:
    """Whether a file is part of a rulebook, a checklist or the holdings."""
    node, _ = read_yaml(file, text)
    keys = node.value if node is not None and isinstance(node.value, dict) else {}
    if "checklist" in keys or "items" in keys:
        return CHECKLIST
    return HOLDINGS if "holdings" in keys else RULEBOOK


def _rulebook(
    folder: Path, files: Files, on: date, unread: str, checklists: Sequence[Checklist]
) -> CheckReport:
    base_name = base_of(files)
    base = None
    if base_name is not None:
        find = partial(scheme_beside, folder.resolve().parent)
        try:
            base = stacked_text(base_name, find(base_name), find) if find(base_name) else None
        except (RulesError, RulebookError) as error:
            fault = _in_scheme(files, f"底层规则读不出来：{error}")
            return CheckReport("", (fault,), (), (), (), EVERYTHING)
        if base is None:
            what = f"没有叫“{base_name}”的规则可以叠加"
            return CheckReport("", (_in_scheme(files, what),), (), (), (), EVERYTHING)
    return check_rulebook(files, on=on, base=base, checklists=checklists, unread=unread)


def scheme_beside(siblings: Path, name: str) -> Files:
    """The files of a scheme beside the draft, or of a shipped one; none for what is no plain name."""
    if name != Path(name).name or name.startswith("."):
        return {}
    for place in (siblings / name, SEEDS / "rulebooks" / name):
        if place.is_dir():
            return read_folder(place)
    return {}


def _in_scheme(files: Files, what: str) -> Fault:
    """A fault at the line where a rulebook says what it is laid over."""
    for file, text in files.items():
        for number, line in enumerate(text.splitlines(), start=1):
            if "overlay_of" in line:
                return Fault(file, number, what, "改正 overlay_of，或把那部规则放在同一文件夹里")
    return Fault("(全文)", 1, what, "改正 overlay_of")


def checklists_beside(folder: Path) -> Sequence[Checklist]:
    """The shipped checklists, and those in a folder `checklists` inside, beside or above the draft's."""
    return [parsed_checklist(text) for text in _checklist_texts(folder).values()]


def _unreadable_checklists(folder: Path) -> Iterator[Checked]:
    """What is wrong with each checklist that a draft would be read with and that cannot be read."""
    for place in _places_of_checklists(folder):
        read = folder_files(place)
        for fault in read.faults:
            yield Checked(fault.file, CHECKLIST, CheckReport("", (fault,), (), (), ()))
        for name, text in read.texts.items():
            report = check_checklist(bundle({name: text}))
            if report.faults:
                yield Checked(name, CHECKLIST, report)


def _checklist_texts(folder: Path) -> dict[str, str]:
    texts = dict(checklist_texts(SEEDS))
    for place in _places_of_checklists(folder):
        texts |= checklist_texts(place.parent)
    return texts


def _places_of_checklists(folder: Path) -> list[Path]:
    """The folders `checklists` above, beside and inside a draft's, the nearest last."""
    here = folder.resolve()
    places = (place for place in (*reversed(here.parents[:2]), here) if place != SEEDS.resolve())
    return [place / "checklists" for place in places if (place / "checklists").is_dir()]


def _procedures(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """The procedures of every scheme with or beside the holdings and of every shipped one.

    A scheme that cannot be read is taken to have them all: its own check says what is wrong with it.
    """
    files = dict(scheme_folders(SEEDS))
    files |= {one.name: _rulebook_files(one) for one in (folder.resolve(), *folder.iterdir()) if one.is_dir()}
    found: dict[str, tuple[str, ...]] = {}
    for name, rows in files.items():
        if rows:
            found[name] = _procedures_of(name, rows, files)
    return found


def _rulebook_files(folder: Path) -> Files:
    texts = folder_files(folder).texts
    return {file: text for file, text in texts.items() if kind_of(file, text) == RULEBOOK}


def _procedures_of(name: str, rows: Files, files: Mapping[str, Files]) -> tuple[str, ...]:
    try:
        rulebook, _ = read_layers(stacked_text(name, rows, lambda base: files.get(base, {})))
    except RulesError:
        return _ALL
    return tuple(rulebook.procedures) if rulebook is not None else _ALL
