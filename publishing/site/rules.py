"""Gathers the rules page: every rulebook in force with its values, and what is only assumed said openly."""

from datetime import date

from sqlmodel import Session

from grading.rulebook import Rulebook
from grading.vocabulary import Basis
from inspections.rulebooks.queries import SchemeInForce, schemes_in_force
from inspections.rulebooks.showing import ShownCell, shown
from inspections.units.words import unit_type_words
from publishing.public_facts import (
    LevelFacts,
    ProcedureFacts,
    RulebookFacts,
    RuleCellFacts,
    RulesFacts,
    Words,
)
from publishing.site.pages import Kind, PageFacts, page_path
from publishing.site.terms import Terms

_BASES = {
    Basis.STATED: Words("有原文", "Stated in the source"),
    Basis.SECONDARY: Words("仅见转述", "Known from secondary sources"),
    Basis.ASSUMED: Words("假定值", "Assumed"),
    Basis.LOCAL: Words("本局确定", "Decided by this authority"),
}
_NO_BASIS = Words("未知", "Unknown")


def rules_page(session: Session, terms: Terms) -> tuple[PageFacts, tuple[LevelFacts, ...]]:
    """The rules page of a day, and the levels of the grades in force."""
    schemes = schemes_in_force(session, terms.on)
    together: dict[tuple[str, tuple[str, ...]], SchemeInForce] = {}
    for scheme in schemes:
        together.setdefault((scheme.scheme, tuple(scheme.unit_types)), scheme)
    facts = RulesFacts(
        rulebooks=tuple(_rulebook(scheme, terms.on) for scheme in together.values()),
        grade_is_public=terms.grade_is_public,
        red_term_days=terms.red_term_days,
        black_term_days=terms.black_term_days,
        results_shown_days=terms.results_shown_days,
    )
    grading = (scheme for scheme in schemes if scheme.purpose == "grade")
    first = next(grading, None)
    levels = _levels(first.stored.rulebook) if first and terms.grade_is_public else ()
    return PageFacts(page_path("/rules/"), "rules", 0, Kind.RULES, (facts,)), levels


def _rulebook(scheme: SchemeInForce, on: date) -> RulebookFacts:
    rulebook = scheme.stored.rulebook
    book = shown(rulebook, on)
    return RulebookFacts(
        scheme=scheme.scheme,
        title=rulebook.title_zh,
        unit_types=tuple(unit_type_words(word, None)[0] for word in scheme.unit_types),
        from_on=scheme.from_on,
        version=scheme.stored.sha256,
        levels=_levels(rulebook),
        cells=tuple(map(_cell, book.cells)),
        procedures=tuple(ProcedureFacts(one.name, one.rows) for one in book.procedures),
        notes=rulebook.notes,
    )


def _levels(rulebook: Rulebook) -> tuple[LevelFacts, ...]:
    scale = rulebook.scales.get("grade")
    if scale is None:
        return ()
    return tuple(
        LevelFacts(level.id, Words(level.meaning_zh or level.zh, level.meaning_en or level.en))
        for level in scale.levels
    )


def _cell(cell: ShownCell) -> RuleCellFacts:
    return RuleCellFacts(
        label=cell.label,
        rows=cell.rows,
        unit=cell.unit,
        basis=_BASES[cell.basis] if cell.basis else _NO_BASIS,
        is_assumed=cell.is_assumed,
        reference=cell.reference,
        from_on=cell.from_on,
    )
