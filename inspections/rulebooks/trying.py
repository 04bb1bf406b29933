"""A rulebook tried on published records: every result, score and grade computed again and compared."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from grading.checklist import Checklist
from grading.derivation import missing_for
from grading.errors import AnswersError
from grading.explaining import explain, missing_in_words
from grading.facts import DecidedVisit, UnitFacts
from grading.operations.tables import key_of
from grading.outcomes import Outcome, Suggestion
from grading.rules import Rules
from inspections.rulebooks.drafts import Draft
from inspections.rulebooks.queries import RulesError
from inspections.rulebooks.trial_sheet import COLUMNS, kind_of, unit_facts
from inspections.surface.sheets.reading import read_sheet
from inspections.surface.sheets.rows import Row

_SEPARATORS = re.compile(r"[、，,;；|\s]+")
RESULT, SCORE, GRADE = "结果", "分数", "等级"
KINDS = {"result": RESULT, "score": SCORE, "grade": GRADE}
NO_PROCEDURE = "规则没有 {} 程序"
NO_RECORD = "记录没有“问题”和“答案”两列，算不出"
NO_CHECKLIST = "规则没有写 checklists，算不出；用 --checklist 指定"
NOT_THE_LATEST = "不在该单位最近一次检查的行上"
NO_SCORE = "规则的 result 程序没有写 outputs 的 score"


class GradeFrom(StrEnum):
    """What a grade is computed from: what was published of each visit, or what was computed of it."""

    PUBLISHED = "published"
    COMPUTED = "computed"

    @property
    def zh(self) -> str:
        """Say it in Chinese."""
        return "取公布的，没有公布的取算出的" if self is GradeFrom.PUBLISHED else "取算出的"


class Tried(NamedTuple):
    """One published value and the computed one that differs from it, or why there is none."""

    row: int
    unit: str
    what: str
    published: str
    computed: str
    why: str
    outcome: Outcome

    def explained(self) -> list[str]:
        """How the computed value came about, or why it did not: facts, steps and rule values."""
        return explain(self.outcome.derivation, self.outcome.facts)


@dataclass
class Trial:
    """What a file of records came to."""

    rows: int = 0
    faults: list[str] = field(default_factory=list)
    unreadable: set[int] = field(default_factory=set)
    """The rows that could not be read; nothing is computed of them."""
    notes: list[str] = field(default_factory=list)
    """Remarks on the file: columns that are not known and were not read."""
    compared: Counter[str] = field(default_factory=Counter)
    agreeing: Counter[str] = field(default_factory=Counter)
    computed: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """How often each result and each grade came out, also where nothing was published."""
    unpublished: Counter[str] = field(default_factory=Counter)
    """Of those, how many rows publish nothing to compare with."""
    uncompared: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    """Rows with a published value that nothing was compared with: by what it is and why."""
    nothing_found: int = 0
    """Rows without any finding: computed as visits at which nothing was found."""
    differing: list[Tried] = field(default_factory=list)

    @property
    def differing_rows(self) -> int:
        """How many rows have at least one value that differs or cannot be computed."""
        return len({one.row for one in self.differing})

    def refuse(self, row: int, faults: Sequence[str]) -> None:
        """Note what is wrong with a row."""
        self.faults += faults
        self.unreadable.add(row)


class _Visit(NamedTuple):
    """A row as the grade of its unit sees it."""

    row: int
    visit: DecidedVisit
    grade: str
    unit: UnitFacts


def try_rulebook(
    draft: Draft,
    path: Path,
    *,
    on: date,
    checklist: str | None = None,
    grade_from: GradeFrom = GradeFrom.PUBLISHED,
) -> Trial:
    """Compute what every row of a file of published records comes to, and compare; nothing is stored."""
    sheet = read_sheet(path, COLUMNS)
    # Records without findings and answers say nothing from which a result could be computed.
    says_what_was_found = not {"findings", "answers"} <= set(sheet.absent)
    table = _checklist(draft, checklist) if says_what_was_found else None
    if grade_from is GradeFrom.COMPUTED and (table is None or "result" not in draft.rulebook.procedures):
        raise RulesError(
            "等级要由算出的结果得出，规则要有 result 程序，记录要有“问题”或“答案”一列；"
            "请补上，或改用 --grade-from published。"
        )
    trying = _Trying(draft, on, table, grade_from, says_what_was_found=says_what_was_found)
    for row in sheet.rows:
        trying.take(row)
    trying.trial.notes += [str(note) for note in sheet.notes]
    trying.grade()
    return trying.trial


def _checklist(draft: Draft, name: str | None) -> Checklist | None:
    names = [name] if name is not None else list(draft.rulebook.checklists)
    found = [draft.checklists[one] for one in names if one in draft.checklists]
    if names and not found:
        raise RulesError(
            f"找不到检查表 {'、'.join(names)}；请放进与规则并列的 checklists 文件夹，或用 --checklist 指定。"
        )
    return found[0] if found else None


class _Trying:
    """Rows one after another, then the grades of their units."""

    def __init__(
        self,
        draft: Draft,
        on: date,
        checklist: Checklist | None,
        grade_from: GradeFrom,
        *,
        says_what_was_found: bool,
    ) -> None:
        self.trial = Trial()
        self._book = draft.rulebook
        self._on = on
        self._checklist = checklist
        self._grade_from = grade_from
        self._says_what_was_found = says_what_was_found
        self._has = {name: name in self._book.procedures for name in ("result", "grade")}
        entries = (entry for cell in self._book.cells.values() for entry in cell.entries)
        self._first_days = sorted({entry.first_day for entry in entries})
        self._rules: dict[date, Rules] = {}
        self._visits: dict[str, list[_Visit]] = defaultdict(list)

    def take(self, row: Row) -> None:
        """Compute a row's result and remember its visit."""
        self.trial.rows += 1
        problems = [str(fault) for fault in row.faults if not fault.is_warning]
        result = self._word("result", row, problems)
        grade = self._word("grade", row, problems)
        if problems:
            self.trial.refuse(row.number, problems)
            return
        day_of_visit, score = row.values["day"] or self._on, row.values["score"]
        unit = row.values["unit"] or str(row.number)
        if self._has["result"] and self._checklist is not None:
            suggested = self._suggested(row, day_of_visit)
            if isinstance(suggested, str):
                self.trial.refuse(row.number, [f"第 {row.number} 行：{suggested}"])
                return
            self.trial.nothing_found += not (row.values["findings"] or row.values["answers"])
            where = row.number, unit
            self._compare(where, RESULT, result or "", suggested, suggested.value, self._why(suggested))
            if score is not None:
                why = self._why_no_score(suggested)
                self._compare(where, SCORE, key_of(score), suggested, _text(suggested.score), why)
            if self._grade_from is GradeFrom.COMPUTED:
                result, score = suggested.value, suggested.score
            else:
                result, score = result or suggested.value, suggested.score if score is None else score
        else:
            self._leave(row.number, result, score)
        kind, is_recheck = kind_of(row.values)
        visit = DecidedVisit(day_of_visit, result, score, kind=kind, is_recheck=is_recheck)
        self._visits[unit].append(_Visit(row.number, visit, grade or "", unit_facts(row.values)))

    def _suggested(self, row: Row, on: date) -> Suggestion | str:
        """What the rules suggest, or what is wrong with the row."""
        if self._checklist is None:
            return ""
        answers = row.values["answers"] or "-" * len(self._checklist.items)
        findings = [code for code in _SEPARATORS.split(row.values["findings"] or "") if code]
        try:
            rules, unit_class = self._of_period(on), row.values["unit_class"]
            return rules.suggest(self._checklist, answers, findings, unit_class)
        except AnswersError as error:
            return str(error)

    def _leave(self, row: int, result: str | None, score: Decimal | int | None) -> None:
        """Note what was published of a row of which nothing can be computed."""
        why = NO_PROCEDURE.format("result")
        if self._has["result"]:
            why = NO_CHECKLIST if self._says_what_was_found else NO_RECORD
        for what, value in ((RESULT, result), (SCORE, score)):
            if value is not None:
                self.trial.uncompared[what, why].append(row)

    def grade(self) -> None:
        """Compute the grade of every unit as of its latest row."""
        if not any(one.grade for rows in self._visits.values() for one in rows):
            return
        for unit, rows in self._visits.items():
            rows.sort(key=lambda one: one.visit.day)
            last = rows[-1]
            left = rows[:-1] if self._has["grade"] else rows
            why = NOT_THE_LATEST if self._has["grade"] else NO_PROCEDURE.format("grade")
            for one in (one for one in left if one.grade):
                self.trial.uncompared[GRADE, why].append(one.row)
            if not self._has["grade"]:
                continue
            visits = [one.visit for one in rows]
            try:
                verdict = self._on_day(last.visit.day).grade(last.unit, visits)
            except AnswersError as error:
                # Its result was computed: the row itself could be read.
                self.trial.faults.append(f"第 {last.row} 行：{error}")
                continue
            where = last.row, unit
            self._compare(where, GRADE, last.grade, verdict, verdict.value, self._why(verdict))

    def _compare(
        self,
        where: tuple[int, str],
        what: str,
        published: str,
        outcome: Outcome,
        computed: str | None,
        why: str,
    ) -> None:
        trial = self.trial
        trial.computed[what][computed or ""] += 1
        if published:
            trial.compared[what] += 1
            trial.agreeing[what] += published == computed
        else:
            trial.unpublished[what] += 1
        if computed is None or published not in ("", computed):
            trial.differing.append(Tried(*where, what, published, computed or "", why, outcome))

    def _why(self, outcome: Outcome) -> str:
        return "；".join(missing_in_words(outcome.missing, self._book)) if outcome.value is None else ""

    def _why_no_score(self, suggested: Suggestion) -> str:
        if "score" not in suggested.extras:
            return NO_SCORE
        return "；".join(missing_in_words(missing_for(suggested.derivation, "score"), self._book))

    def _word(self, procedure: str, row: Row, problems: list[str]) -> str | None:
        """The scale's own word for what was published, which may be its Chinese or English."""
        written = row.values[procedure]
        if written is None or not self._book.procedures:
            return None
        found = self._book.procedures.get(procedure) or next(iter(self._book.procedures.values()))
        scale = self._book.scales[found.scale]
        for level in (*scale.levels, *scale.outside):
            if written.casefold() in (level.id.casefold(), level.zh.casefold(), level.en.casefold()):
                return level.id
        words = "、".join(scale.words)
        problems.append(f"第 {row.number} 行：“{written}”不是{scale.label}的用词：可用 {words}")
        return None

    def _of_period(self, on: date) -> Rules:
        """The rules of all days between two changes: a result does not look at the day itself."""
        place = bisect_right(self._first_days, on) - 1
        return self._on_day(self._first_days[place] if place >= 0 else on)

    def _on_day(self, on: date) -> Rules:
        if on not in self._rules:
            self._rules[on] = self._book.on(on)
        return self._rules[on]


def _text(value: Decimal | int | None) -> str | None:
    return None if value is None else key_of(value)


def words_of_counts(trial: Trial) -> Sequence[str]:
    """How much agrees, one phrase for each kind of value."""
    return [
        f"{what} {trial.compared[what]} 个，一致 {trial.agreeing[what]} 个"
        f"（{Decimal(100 * trial.agreeing[what]) / trial.compared[what]:.2f}%）"
        for what in (RESULT, SCORE, GRADE)
        if trial.compared[what]
    ]
