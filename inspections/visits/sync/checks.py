"""What a change must agree with beyond its own form: checklist, closed lists, leases, question file."""

from collections.abc import Collection, Iterable
from functools import cached_property

from sqlmodel import Session

from inspections.rulebooks.queries import checklist_version, rulebook_version, shelf_of
from inspections.visits.sync.leases import require_leased_link
from inspections.visits.sync.opening import Sender, require_same, rules_named
from inspections.visits.sync.refusals import refuse
from inspections.visits.sync.tables import FieldVisit
from inspections.visits.sync.values import (
    DecisionValue,
    ExamValue,
    LinkValue,
    ObstructionValue,
    OrderValue,
    VisitValue,
)
from inspections.visits.sync.vocabulary import exam_choices, words_of
from inspections.visits.wording import level_words


class VisitChecks:
    """The checks of one visit's changes in one batch: what they compare with is read once."""

    def __init__(self, session: Session, visit: FieldVisit, sender: Sender) -> None:
        self.session, self.visit, self.sender = session, visit, sender

    @cached_property
    def _codes(self) -> Collection[str]:
        return checklist_version(self.session, self.visit.checklist_version_id).checklist.position

    @cached_property
    def _results(self) -> Collection[str]:
        return result_codes(self.session, self.visit.rulebook_version_id)

    def check(self, key: str, value: object) -> None:
        """Refuse a value that names what is not there."""
        if key.startswith("item/"):
            self._require_codes([key.removeprefix("item/")], "key")
        match value:
            case VisitValue():
                require_same(self.visit, value)
                rules_named(self.session, value)
            case DecisionValue():
                self._decision(value)
            case ObstructionValue():
                _listed(value.ground, "obstruction_grounds", "value/ground")
            case ExamValue():
                _exam(value)
            case LinkValue():
                require_leased_link(self.session, value.token_hash, self.visit.unit_id, self.sender)
            case list():
                orders = [row for row in value if isinstance(row, OrderValue)]
                self._require_codes([code for row in orders for code in row.items], "value/items")

    def _require_codes(self, codes: Iterable[str], where: str) -> None:
        for code in codes:
            if code not in self._codes:
                raise refuse("invalid", where, f"检查要点表没有“{code}”这一项")

    def _decision(self, value: DecisionValue) -> None:
        if value.result not in self._results:
            raise refuse("invalid", "value/result", "规则里没有这个结果")
        _listed(value.handling, "handlings", "value/handling")


def result_codes(session: Session, rulebook_version_id: int | None) -> frozenset[str]:
    """Every word by which a result may be decided: of the visit's own rules, else of any that hold here."""
    if rulebook_version_id is not None:
        rulebooks = [rulebook_version(session, rulebook_version_id).rulebook]
    else:
        shelf = shelf_of(session)
        rulebooks = [shelf.rulebook(scheme) for scheme in shelf.schemes_holding("result")]
    return frozenset(level.code for book in rulebooks for level in level_words(book, "result"))


def _listed(word: str, part: str, where: str) -> None:
    if word not in words_of(part):
        raise refuse("invalid", where, "不在固定的清单里")


def _exam(value: ExamValue) -> None:
    """The score must be what the answers give by the question file."""
    choices = exam_choices(value.file)
    if choices is None:
        raise refuse("invalid", "value/file", "没有这份题库")
    right = sum(choices.get(question) == choice for question, choice in value.answers.items())
    if set(value.answers) - set(choices) or value.right != right or value.asked < len(value.answers):
        raise refuse("invalid", "value/right", "答对的题数与题库不符")
