"""What a result rests on that nobody has settled: items without their text, values no source states."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from grading.vocabulary import Answer, Basis
from inspections.record.command_line import CLI
from inspections.rulebooks.queries import checklist_version
from inspections.visits.ids import in_parts
from inspections.visits.tables import Derivation, Visit, VisitResult

_NOT_GIVEN = {Answer.NOT_APPLICABLE, Answer.NOT_CHECKED}
_NAMED = 3


@dataclass(frozen=True)
class Unsettled:
    """The provisional items a visit answered, and the assumed cells behind its newest suggested result."""

    items: tuple[str, ...] = ()
    scheme: str = ""
    cells: tuple[str, ...] = ()

    def faults(self) -> list[tuple[str, str]]:
        """Each fault with its cure, both naming the items or cells."""
        found = []
        if self.items:
            what = f"检查要点第 {_some(self.items)} 项的原文还待核实，结果不能作上榜的依据"
            found.append((what, "请用原文已核实的要点表更正这次检查的记录，或删去这一行"))
        if self.cells:
            what = f"结果用到推定的值 {_some(self.cells)}（{self.scheme}）"
            cure = (
                f"请运行 {CLI} rulebook enter {self.scheme} {self.cells[0]} 值 --from 日期 "
                f"--document 决定文件 录入本局确定的值，再运行 {CLI} grade，或删去这一行"
            )
            found.append((what, cure))
        return found


SETTLED = Unsettled()


def _some(names: tuple[str, ...]) -> str:
    more = f"等 {len(names)}" if len(names) > _NAMED else ""
    return "、".join(names[:_NAMED]) + more


def provisional_items(session: Session, visit: Visit) -> tuple[str, ...]:
    """The codes of answered items that stand in for a text nobody has seen."""
    checklist = checklist_version(session, visit.checklist_version_id).checklist
    places = checklist.provisional_places
    return tuple(checklist.items[at].code for at in places if visit.answers[at] not in _NOT_GIVEN)


def assumed_cells(session: Session, visit_ids: Collection[int]) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Scheme and assumed cells behind the newest suggested result of each visit; others are absent."""
    newest: dict[int, tuple[bool, int]] = {}
    for part in in_parts(sorted(visit_ids)):
        query = select(VisitResult.visit_id, VisitResult.rests_on_assumed, VisitResult.derivation_id)
        query = query.where(col(VisitResult.visit_id).in_(part)).order_by(col(VisitResult.id))
        newest |= {visit: (assumed, derivation) for visit, assumed, derivation in session.exec(query)}
    read: dict[int, tuple[str, tuple[str, ...]]] = {}
    for derivation_id in {derivation for assumed, derivation in newest.values() if assumed}:
        read[derivation_id] = _assumed(session, derivation_id)
    return {visit: read[derivation] for visit, (assumed, derivation) in newest.items() if assumed}


def _assumed(session: Session, derivation_id: int) -> tuple[str, tuple[str, ...]]:
    text = session.exec(select(Derivation.text).where(Derivation.id == derivation_id)).one()
    derivation = json.loads(text)
    found = []
    for name, cell in derivation["cells"].items():
        parts = [path for path, basis in cell.get("bases", {}).items() if basis == Basis.ASSUMED]
        if parts:
            found += [f"{name}.{path}" for path in parts]
        elif cell.get("basis") == Basis.ASSUMED:
            found.append(name)
    return str(derivation["scheme"]), tuple(found)
