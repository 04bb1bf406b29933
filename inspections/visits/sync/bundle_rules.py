"""The rules of the suggested result as a tablet applies them without a network."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from grading.errors import GradingError
from grading.portable import portable_result_rules
from grading.rulebook import Rulebook
from grading.scales import Scale
from inspections.rulebooks.queries import Shelf, StoredChecklist


def rules_for_tablets(
    shelf: Shelf, unit_types: Iterable[str], checklists: Iterable[StoredChecklist], day: date
) -> dict[str, Any]:
    """By rulebook version, then checklist: what the engine of the tablet takes, with its words."""
    stored = list(checklists)
    schemes = {shelf.scheme_for("result", unit_type, day) for unit_type in unit_types}
    return {
        str(shelf.version_id(scheme)): {
            one.sha256: _rules(shelf.rulebook(scheme), one, day) for one in stored
        }
        for scheme in sorted(filter(None, schemes))
        if scheme in shelf.texts and "result" in shelf.rulebook(scheme).procedures
    }


def _rules(rulebook: Rulebook, stored: StoredChecklist, day: date) -> dict[str, Any]:
    procedure = rulebook.procedures["result"]
    handling = rulebook.scales.get("handling")
    return {
        "scheme": rulebook.scheme,
        "title": rulebook.title_zh,
        "portable": _portable(rulebook, stored, day),
        "results": _words(rulebook.scales[procedure.scale]),
        "handlings": _words(handling) if handling else [],
    }


def _portable(rulebook: Rulebook, stored: StoredChecklist, day: date) -> dict[str, object] | None:
    """What `static/tablet/engine.js` takes; none for rules that need what a tablet does not have."""
    try:
        return portable_result_rules(rulebook, stored.checklist, day)
    except GradingError:
        return None


def _words(scale: Scale) -> list[dict[str, str]]:
    return [
        {"id": level.id, "zh": level.zh, "meaning": level.meaning_zh or level.zh} for level in scale.levels
    ]
