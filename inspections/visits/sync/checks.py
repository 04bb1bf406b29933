"""What a change must agree with beyond its own form: checklist, closed lists, leases, question file."""

from collections.abc import Iterable

from sqlmodel import Session

from inspections.rulebooks.queries import checklist_version, rulebook_version, shelf_of
from inspections.visits.sync.leases import require_leased_link
from inspections.visits.sync.opening import Sender
from inspections.visits.sync.refusals import refuse
from inspections.visits.sync.tables import FieldVisit
from inspections.visits.sync.values import DecisionValue, ExamValue, LinkValue, ObstructionValue, OrderValue
from inspections.visits.sync.vocabulary import exam_choices, exam_sha256, words_of
from inspections.visits.wording import level_words


def check_value(session: Session, visit: FieldVisit, key: str, value: object, *, sender: Sender) -> None:
    """Refuse a value that names what is not there."""
    if key.startswith("item/"):
        _require_codes(session, visit, [key.removeprefix("item/")], "key")
    match value:
        case DecisionValue():
            _decision(session, visit, value)
        case ObstructionValue():
            _listed(value.ground, "obstruction_grounds", "value/ground")
        case ExamValue():
            _exam(value)
        case LinkValue():
            require_leased_link(session, value.token_hash, sender.tablet_id, visit.unit_id)
        case list():
            orders = [row for row in value if isinstance(row, OrderValue)]
            _require_codes(session, visit, [code for row in orders for code in row.items], "value/items")


def _require_codes(session: Session, visit: FieldVisit, codes: Iterable[str], where: str) -> None:
    position = checklist_version(session, visit.checklist_version_id).checklist.position
    for code in codes:
        if code not in position:
            raise refuse("invalid", where, f"检查要点表没有“{code}”这一项")


def _decision(session: Session, visit: FieldVisit, value: DecisionValue) -> None:
    if value.result not in result_codes(session, visit.rulebook_version_id):
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
    """The score must be what the answers give by the question file, where that file is the shipped one."""
    if value.file != exam_sha256():
        raise refuse("invalid", "value/file", "没有这份题库")
    choices = exam_choices()
    right = sum(choices.get(question) == choice for question, choice in value.answers.items())
    if set(value.answers) - set(choices) or value.right != right or value.asked < len(value.answers):
        raise refuse("invalid", "value/right", "答对的题数与题库不符")
