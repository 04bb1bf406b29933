"""The allow-list of the rules page: what grades and results are made from, and how."""

from dataclasses import dataclass, field
from datetime import date

from publishing.public_facts.words import Words, means


@dataclass(frozen=True)
class LevelFacts:
    """One level of the risk grades in force."""

    code: str = field(metadata=means("the level, `A`"))
    meaning: Words = field(metadata=means("the level in words, `风险较低`"))


@dataclass(frozen=True)
class RuleCellFacts:
    """One cell of the rulebook in force, as the rules page prints it."""

    label: str = field(metadata=means("what the value is for"))
    rows: tuple[tuple[str, str], ...] = field(metadata=means("row label and value; `未定` where unknown"))
    unit: str = field(metadata=means("unit of the value"))
    basis: Words = field(metadata=means("stated, secondary, assumed or local"))
    is_assumed: bool = field(metadata=means("no source states it"))
    reference: str = field(metadata=means("document and article"))
    from_on: date | None = field(metadata=means("first day in force"))


@dataclass(frozen=True)
class ProcedureFacts:
    """How an outcome is worked out, as the rules page prints it."""

    outcome: str = field(metadata=means("what is worked out: result, grade or proposal"))
    steps: tuple[tuple[str, str], ...] = field(metadata=means("step and how it is worked out, in order"))


@dataclass(frozen=True)
class RulebookFacts:
    """One rulebook in force, for which unit types."""

    scheme: str = field(metadata=means("id of the scheme"))
    title: str = field(metadata=means("title"))
    unit_types: tuple[str, ...] = field(metadata=means("unit types it holds for; empty means all"))
    from_on: date = field(metadata=means("from which day"))
    version: str = field(metadata=means("SHA-256 of the version's text"))
    levels: tuple[LevelFacts, ...] = field(metadata=means("levels with their meaning"))
    cells: tuple[RuleCellFacts, ...] = field(metadata=means("its values"))
    procedures: tuple[ProcedureFacts, ...] = field(
        default=(), metadata=means("the steps from what was found to an outcome")
    )
    notes: str = field(default="", metadata=means("what a reader must know"))


@dataclass(frozen=True)
class RulesFacts:
    """The rules page: what grades and lists are made from today."""

    rulebooks: tuple[RulebookFacts, ...] = field(metadata=means("rulebooks in force"))
    grade_is_public: bool = field(metadata=means("whether grades are shown"))
    red_term_days: int | None = field(metadata=means("display term of red entries"))
    black_term_days: int | None = field(metadata=means("display term of black entries"))
    results_shown_days: int | None = field(metadata=means("display term of results"))
