"""Checking a rulebook before it is loaded: faults, warnings, and the law of worse visits."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import partial

from grading import shapes
from grading.bundles import bundle, overlay
from grading.cells import Cell, says_anything
from grading.checklist import Checklist, read_checklist
from grading.days import add_months
from grading.errors import Fault, GradingError, RulebookError
from grading.forms import is_number
from grading.holdings import read_holdings
from grading.laws import UNDETERMINED, counterexamples
from grading.reading import read_layers
from grading.rulebook import TO_BE_WRITTEN, Counterexample, Rulebook
from grading.step_checks import (
    Place,
    ends_without_a_band,
    gaps_for_fractions,
    impossible_steps,
    tests_of,
    words_without_a_row,
)
from grading.vocabulary import Basis
from grading.yaml_reader import read_yaml

STALE_MONTHS = 12
_SHOWN_CODES = 10
_THE_TRIAL = "检查更差而结论更好的情形"
_THE_HINTS = f"{_THE_TRIAL}、提示"
EVERYTHING = "这部规则自己写的一切"
ALL_ELSE = f"名字和词是否对得上、{_THE_HINTS}"
_INTERVALS = "整数分写 1，一位小数写 0.1"
OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "result": ("value", "score", "handling"),
    "grade": ("value", "points", "static", "dynamic", "tier", "frequency", "due_months"),
    "listing": ("value",),
}
"""The outputs of each procedure that the program itself has a use for."""
_POINTS = frozenset({"points", "highest_points"})


@dataclass(frozen=True)
class CheckReport:
    """What is wrong with a rulebook (faults), what a person should look at (warnings), and the
    cases in which a worse visit gives a better outcome: listed by the rulebook, and found."""

    scheme: str
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    listed: tuple[Counterexample, ...]
    found: tuple[Counterexample, ...]
    left: str = ""
    """What could not be looked at before the faults are mended."""

    @property
    def sound(self) -> bool:
        """Tell whether the rulebook may be loaded."""
        return not self.faults


def check_rulebook(
    files: Mapping[str, str],
    *,
    on: date,
    base: str | None = None,
    checklists: Sequence[Checklist] = (),
    unread: str = "",
) -> CheckReport:
    """Return everything to be said about a rulebook's files.

    `base` is the text they overlay, `unread` what stands in files beside them that are no text.
    """
    text = bundle(files) if base is None else overlay(base, files, "checked")
    rulebook, faults = read_layers(text, unread)
    if rulebook is None:
        return CheckReport("", tuple(faults), (), (), (), ALL_ELSE)
    place = partial(_place, files)
    warnings: tuple[Fault, ...] = ()
    left = _THE_HINTS if faults or unread else ""
    # What is only to be looked at waits until the files can be read as they were meant.
    if not left:
        warnings = (
            *_warnings(rulebook, on),
            *codes_without_points(rulebook, checklists),
            *gaps_for_fractions(rulebook, place),
            *ends_without_a_band(rulebook, place),
            *_outputs_like_known_ones(rulebook, place),
        )
    faults.extend(_unfit_for_a_draft(rulebook, files, place))
    faults.extend(_unlisted_checklists(rulebook, checklists, place))
    faults.extend(strange_items(rulebook, checklists))
    faults.extend(strange_codes(rulebook, checklists))
    faults.extend(impossible_steps(rulebook, place))
    faults.extend(words_without_a_row(rulebook, place))
    found: tuple[Counterexample, ...] = ()
    if faults or unread:
        left = left or _THE_TRIAL
    else:
        try:
            found = all_counterexamples(rulebook, checklists)
            faults.extend(_against_the_law(rulebook, found, place))
        except GradingError as error:
            cure = "改正所说的步骤或规则值"
            faults.append(Fault(*place("procedures"), f"试算时出错：{error}", cure))
    return CheckReport(rulebook.scheme, tuple(faults), warnings, rulebook.counterexamples, found, left)


def _unfit_for_a_draft(rulebook: Rulebook, files: Mapping[str, str], place: Place) -> Iterator[Fault]:
    """Find what nobody should write any more; rulebooks that were stored with it can still be read."""
    if not re.fullmatch(shapes.ID, rulebook.scheme):
        cure = "只用小写英文字母、数字和连字符，如 my-city-2027"
        yield Fault(*place("scheme", "id"), f"scheme 的 id “{rulebook.scheme}”不能用作代号", cure)
    if not (rulebook.step is None or _is_interval(rulebook.step)):
        yield Fault(*place("scheme", "step"), "scheme 的 step 不是大于 0 的数", _INTERVALS)
    for cell in rulebook.cells.values():
        if not (cell.form.step is None or _is_interval(cell.form.step)):
            yield Fault(
                cell.file, cell.line, f"规则值 {cell.name} 的 form 的 step 不是大于 0 的数", _INTERVALS
            )
    for case in rulebook.counterexamples:
        if case.why in ("", TO_BE_WRITTEN):
            cure = "在 why 里写明办法为什么会这样"
            yield Fault(*place("counterexamples"), f"列出的反例没有写原因：{told(case)}", cure)
    if not rulebook.procedures and all(read_yaml(*row)[0] is not None for row in files.items()):
        cure = "写 procedures: result（检查结果）、grade（风险等级）或 listing（红黑榜建议）"
        yield Fault(*place("scheme"), "没有任何程序，得不出结论", cure)


def _outputs_like_known_ones(rulebook: Rulebook, place: Place) -> Iterator[Fault]:
    """Find outputs whose names are almost those that the program uses: any other name is the bureau's own."""
    for procedure in rulebook.procedures.values():
        known = OUTPUTS.get(procedure.name, ())
        for name in procedure.outputs:
            if name not in known and (near := get_close_matches(name, known, n=1, cutoff=0.85)):
                where = place("procedures", procedure.name, "outputs", name)
                what = f"程序 {procedure.name} 的附带结果“{name}”不是程序另有用处的名字，像是写错的 {near[0]}"
                yield Fault(*where, what, f"要它起作用就写 {near[0]}；本来就叫这个名字的不必改")


def _is_interval(value: object) -> bool:
    return is_number(value) and Decimal(str(value)) > 0


def _place(files: Mapping[str, str], *path: str) -> tuple[str, int]:
    """Return the file and line where these files say something, as far as the path leads."""
    for name, text in sorted(files.items()):
        node, _ = read_yaml(name, text)
        found = None
        for key in path:
            node = node.value.get(key) if node is not None and isinstance(node.value, dict) else None
            found = node or found
        if found is not None:
            return found.file, found.line
    return "(规则整体)", 1


def check_checklist(text: str) -> CheckReport:
    """Return everything to be said about a checklist's canonical text."""
    try:
        checklist = read_checklist(text)
    except RulebookError as error:
        return CheckReport("", error.faults, (), (), ())
    provisional = [item.code for item in checklist.items if item.provisional]
    what = f"有 {len(provisional)} 个暂代项目（{'、'.join(provisional)}）"
    cure = "非演示环境不公示依此得出的等级和结果；取得印本后替换"
    warnings = (Fault(f"{checklist.id}.yaml", 1, what, cure),) if provisional else ()
    return CheckReport(checklist.id, (), warnings, (), ())


def check_holdings(text: str, procedures: Mapping[str, Collection[str]] | None = None) -> CheckReport:
    """Return everything to be said about a holdings file; `procedures` are those of each known scheme."""
    try:
        read_holdings(text, procedures)
    except RulebookError as error:
        return CheckReport("holdings", error.faults, (), (), ())
    return CheckReport("holdings", (), (), (), ())


def strange_items(rulebook: Rulebook, checklists: Iterable[Checklist]) -> Iterator[Fault]:
    """Find items that a rulebook names (such as veto items) and that their checklist does not have."""
    known = {checklist.id: checklist for checklist in checklists}
    steps = [step for procedure in rulebook.procedures.values() for step in procedure.steps.values()]
    named = {str(step.parameters["items"]) for step in steps if "items" in step.parameters}
    for cell in (rulebook.cells[name] for name in sorted(named) if name in rulebook.cells):
        tables = [entry.value for entry in cell.entries if isinstance(entry.value, Mapping)]
        for name, codes in (row for table in tables for row in table.items()):
            if name not in rulebook.checklists:
                what = f"规则值 {cell.name} 写了检查表“{name}”，它不在 scheme 的 checklists 里"
                yield Fault(cell.file, cell.line, what, f"可用：{'、'.join(rulebook.checklists)}")
            elif name in known and (absent := _absent(codes, known[name])):
                what = f"规则值 {cell.name} 的 {absent} 不是检查表 {name} 的项目编号"
                yield Fault(cell.file, cell.line, what, "核对编号；编号加引号写")


def _absent(codes: object, checklist: Checklist) -> str:
    rows = codes if isinstance(codes, tuple) else ()
    return "、".join(str(code) for code in rows if str(code) not in checklist.position)


def codes_without_points(rulebook: Rulebook, checklists: Iterable[Checklist]) -> Iterator[Fault]:
    """Find codes of the rulebook's checklists that its tables of points leave out."""
    codes = _codes_of_checklists(rulebook, checklists) or set()
    for cell in (
        rulebook.cells[name] for name in sorted(_tables_of_points(rulebook)) if name in rulebook.cells
    ):
        for entry in cell.entries:
            if isinstance(entry.value, Mapping) and (absent := sorted(codes - set(map(str, entry.value)))):
                shown = "、".join(absent[:_SHOWN_CODES]) + ("等" if len(absent) > _SHOWN_CODES else "")
                what = (
                    f"规则值 {cell.name} 没有 {shown} 共 {len(absent)} 项的分值，有这些问题的检查得不出分数"
                )
                yield Fault(cell.file, cell.line, what, "补上分值；不计分的写 0")


def _codes_of_checklists(rulebook: Rulebook, checklists: Iterable[Checklist]) -> set[str] | None:
    """Return every code of the rulebook's checklists; none where one of them is not at hand."""
    known = {checklist.id: checklist for checklist in checklists}
    if not set(rulebook.checklists) <= set(known):
        return None
    return {code for name in rulebook.checklists for code in known[name].position}


def _tables_of_points(rulebook: Rulebook) -> set[str]:
    steps = [step for procedure in rulebook.procedures.values() for step in procedure.steps.values()]
    return {
        str(s.parameters.get("table"))
        for s in steps
        if s.op in _POINTS and s.parameters.get("of") == "findings"
    }


def strange_codes(rulebook: Rulebook, checklists: Iterable[Checklist]) -> Iterator[Fault]:
    """Find codes of findings, with points or in conditions, that no checklist of the rulebook has."""
    codes = _codes_of_checklists(rulebook, checklists)
    if codes is None:
        return
    steps = [step for procedure in rulebook.procedures.values() for step in procedure.steps.values()]
    used = _tables_of_points(rulebook) | {str(s.parameters.get("rules")) for s in steps if s.op == "match"}
    for cell in (rulebook.cells[name] for name in sorted(used) if name in rulebook.cells):
        absent = sorted(_codes_named(cell) - codes)
        if absent:
            what = f"规则值 {cell.name} 的 {'、'.join(absent)} 不在规则的任何一张检查表里"
            cure = "核对编号，或在 scheme 的 checklists 里写上它所在的检查表"
            yield Fault(cell.file, cell.line, what, cure)


def _codes_named(cell: Cell) -> set[str]:
    """Return the codes of findings in a table of points, or in the conditions of rules."""
    tables = [entry.value for entry in cell.entries if isinstance(entry.value, Mapping)]
    tests = [test for name, test in tests_of(cell) if name == "findings" and isinstance(test, Mapping)]
    in_rules = {str(code) for test in tests for code in test.get("has") or ()}
    return in_rules | {str(code) for table in tables for code in table}


def all_counterexamples(rulebook: Rulebook, checklists: Iterable[Checklist]) -> tuple[Counterexample, ...]:
    """Return what breaks the law on any day on which the rulebook says something new."""
    named = tuple(checklists)
    days = {entry.first_day for cell in rulebook.cells.values() for entry in cell.entries}
    cases = {case: None for day in sorted(days) for case in counterexamples(rulebook, named, day)}
    return tuple(cases)


def unlisted_counterexamples(
    rulebook: Rulebook, checklists: Iterable[Checklist], day: date
) -> tuple[Counterexample, ...]:
    """Return the cases of a day that the rulebook does not list and in which nothing is undetermined.

    While a bureau enters a table cell by cell, what is still unknown is no contradiction.
    """
    listed = {replace(case, why="") for case in rulebook.counterexamples}
    found = counterexamples(rulebook, checklists, day)
    return tuple(
        case
        for case in found
        if case not in listed and UNDETERMINED not in (case.better_gives, case.worse_gives)
    )


def _unlisted_checklists(
    rulebook: Rulebook, checklists: Sequence[Checklist], place: Place
) -> Iterator[Fault]:
    known = {checklist.id for checklist in checklists}
    for name in rulebook.checklists if checklists else ():
        if name not in known:
            cure = f"可用：{'、'.join(sorted(known))}"
            yield Fault(*place("scheme", "checklists"), f"没有检查表“{name}”", cure)


def _against_the_law(rulebook: Rulebook, found: Sequence[Counterexample], place: Place) -> Iterator[Fault]:
    """Compare what was found with what the rulebook itself lists, leaving out the reasons."""
    listed = {replace(case, why="") for case in rulebook.counterexamples}
    for case in found:
        if case not in listed:
            cure = f"改正规则值；若办法本身如此，在 counterexamples 里列出：{_row(case)}"
            yield Fault(*place("procedures", case.procedure), f"检查更差而结论更好：{told(case)}", cure)
    for case in sorted(listed - set(found), key=lambda case: case.better_visits):
        yield Fault(*place("counterexamples"), f"列出的反例不成立：{told(case)}", "删去这一例")


def told(case: Counterexample) -> str:
    """Return a case in which a worse visit gives a better outcome as a phrase."""
    better, worse = "、".join(case.better_visits), "、".join(case.worse_visits)
    return f"检查为 {better} 时得 {case.better_gives}，为 {worse} 时得 {case.worse_gives}"


def _row(case: Counterexample) -> str:
    """Return a case as the row of `counterexamples` that lists it; its reason is left to be written."""
    better, worse = (", ".join(map(_plain, row)) for row in (case.better_visits, case.worse_visits))
    gives, instead = _plain(case.better_gives), _plain(case.worse_gives)
    return (
        f"- {{procedure: {case.procedure}, better_visits: [{better}], worse_visits: [{worse}], "
        f"better_gives: {gives}, worse_gives: {instead}, why: {TO_BE_WRITTEN}}}"
    )


def _plain(word: str) -> str:
    """Return a word as YAML; in quotes where it would be read as something else."""
    return word if re.fullmatch(r"[A-Za-z_][\w-]*", word) else json.dumps(word, ensure_ascii=False)


def _warnings(rulebook: Rulebook, on: date) -> Iterator[Fault]:
    used = {name for procedure in rulebook.procedures.values() for name in procedure.needed()}
    for cell in rulebook.cells.values():
        if cell.name not in used and not cell.read_by:
            cure = "确认是否漏写步骤，或删去；由程序的别处读取的写 read_by: 谁"
            yield Fault(cell.file, cell.line, f"规则值 {cell.name} 没有程序用到", cure)
        yield from _cell_warnings(cell, on)


def _cell_warnings(cell: Cell, on: date) -> Iterator[Fault]:
    if cell.checked_on is None:
        what = f"规则值 {cell.name} 没有写核对日期"
        yield Fault(cell.file, cell.line, what, "核对后写 checked_on: 日期")
    elif add_months(cell.checked_on, STALE_MONTHS) <= on:
        what = f"规则值 {cell.name} 上次核对是 {cell.checked_on}，已满 {STALE_MONTHS} 个月"
        yield Fault(cell.file, cell.line, what, "对照现行文本核对，更新 checked_on")
    entry = cell.on(on)
    if entry is None or entry.repealed:
        return
    if not says_anything(entry.value):
        cure = "取得文本后填写，或由本局录入"
        yield Fault(cell.file, cell.line, f"规则值 {cell.name} 未知", cure)
    elif entry.basis is Basis.ASSUMED:
        cure = "非演示环境不公示依此得出的等级和结果；由本局录入确定的值"
        yield Fault(cell.file, cell.line, f"规则值 {cell.name} 是假定值", cure)
