"""What the rules suggest for a visit in the making, and whether an addendum would change it."""

from dataclasses import dataclass

from sqlmodel import Session

from grading.checklist import Checklist
from grading.outcomes import Suggestion
from inspections.record.clock import civil_day
from inspections.rulebooks.queries import rulebook_version, shelf_of
from inspections.units.queries import unit_type_of
from inspections.visits.sync.answers import Values, obstruction_of, packed
from inspections.visits.sync.queries import FieldRecord
from inspections.visits.sync.tables import FieldVisit


@dataclass(frozen=True)
class Suggested:
    """What the rules make of a visit's answers; none where nothing was inspected or no rules hold."""

    letters: str
    obstructed: bool
    suggestion: Suggestion | None

    def differs_from(self, other: "Suggested") -> bool:
        """Whether it would come out otherwise; where the rules cannot tell, other answers may."""
        if self.obstructed or other.obstructed:
            return self.obstructed != other.obstructed
        mine = self.suggestion.value if self.suggestion else None
        theirs = other.suggestion.value if other.suggestion else None
        return mine != theirs or (mine is None and self.letters != other.letters)


def suggested_for(session: Session, record: FieldRecord, values: Values | None = None) -> Suggested:
    """What the rules of a visit suggest for its values, or for others in their place."""
    values = record.values if values is None else values
    checklist = record.stored.checklist
    letters = packed(checklist, values)
    obstructed = obstruction_of(values) is not None
    suggestion = None if obstructed else suggestion_for(session, record.visit, checklist, letters)
    return Suggested(letters, obstructed, suggestion)


def addenda_change_the_result(session: Session, record: FieldRecord) -> bool:
    """Whether what arrived after the signature would change the suggested result, were it merged."""
    if not record.addenda:
        return False
    with_addenda = dict(record.values)
    for stored in record.addenda:
        with_addenda[stored.change.key] = stored.change.value
    present = {key: value for key, value in with_addenda.items() if value is not None}
    return suggested_for(session, record, present).differs_from(suggested_for(session, record))


def rulebook_of(session: Session, visit: FieldVisit) -> int | None:
    """The rulebook version that suggests a visit's result: the one it names, else the one that holds."""
    if visit.rulebook_version_id is not None:
        return visit.rulebook_version_id
    unit_type = unit_type_of(session, visit.unit_id)
    shelf = shelf_of(session)
    scheme = shelf.scheme_for("result", unit_type, civil_day(visit.opened_at))
    return shelf.version_id(scheme) if scheme and scheme in shelf.texts else None


def suggestion_for(
    session: Session, visit: FieldVisit, checklist: Checklist, letters: str
) -> Suggestion | None:
    """What a visit's rules suggest for its packed answers; none where no rules hold."""
    version_id = rulebook_of(session, visit)
    if version_id is None:
        return None
    rules = rulebook_version(session, version_id).rulebook.on(civil_day(visit.opened_at))
    return rules.suggest(checklist, letters) if rules.has("result") else None
