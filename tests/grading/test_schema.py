"""The shipped JSON Schemas: equal to the declarations, true of all that is shipped, strict as the check."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from grading import shapes
from grading.bundles import bundle
from grading.check import check_rulebook
from grading.forms import KINDS
from grading.reading import read_layers
from grading.yaml_reader import read_yaml
from tests.grading.schema_files import FOLDER, schema_texts
from tests.grading.shipped import CHECKLISTS, SCHEMES, SEEDS, TODAY, checklist, scheme_files
from tests.grading.test_faults import FAULTY, SOUND

# Faults that a schema of one file cannot see: they need the rest of the rulebook, arithmetic, or YAML itself.
SEEN_BY_THE_CHECK_ALONE = {
    *(
        "condition-with-a-strange-word",
        "if-none-of-another-scale",
        "points-for-no-item",
        "condition-on-no-item",
    ),
    *("case-that-never-comes", "counterexample-without-its-reason", "number-compared-with-a-word"),
    *("outcome-is-a-list", "outcome-is-a-number", "outcome-may-be-another-word"),
    *("anchor-and-alias", "band-from-and-above", "band-gap", "band-gap-below-step", "band-open-both"),
    *("band-overlap", "band-upside-down", "band-without-limit", "better-when-worse", "broken-yaml"),
    *("cell-named-as-fact", "counterexample-that-is-none", "duplicate-cell", "duplicate-key", "empty"),
    *(
        "no-basis",
        "no-scheme",
        "range-of-three",
        "no-source",
        "no-such-day",
        "no-unit",
        "no-form",
        "patch-without-table",
    ),
    *("operation-on-wrong-form", "range-upside-down", "repealed-with-value"),
    *(
        "rule-after-the-last",
        "rule-unknown-input",
        "rule-without-is",
        "rules-lack-an-input",
        "same-day-twice",
    ),
    *("scale-word-twice", "step-named-as-cell", "step-used-before", "tab-indent", "table-key-missing"),
    *("table-key-unknown", "table-without-of", "two-documents", "type-tag", "unknown-checklist"),
    *("unknown-name", "unknown-outcome", "unknown-scale", "unknown-source", "unknown-word"),
}


def _validator(name: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8")))


def _json(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _json(row) for key, row in value.items()}
    if isinstance(value, tuple):
        return [_json(row) for row in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _content(text: str) -> object:
    node, _ = read_yaml("x.yaml", text)
    return None if node is None else _json(node.plain())


def _shipped() -> Iterator[tuple[str, str, str]]:
    for scheme in SCHEMES:
        for name, text in scheme_files(scheme).items():
            yield "rulebook", f"{scheme}/{name}", text
    for name in CHECKLISTS:
        yield "checklist", name, (SEEDS / "checklists" / f"{name}.yaml").read_text("utf-8")
    yield "holdings", "holdings", (SEEDS / "rulebooks" / "holdings.yaml").read_text("utf-8")
    for path in sorted((Path(__file__).parent / "schemes").rglob("*.yaml")):
        yield "rulebook", path.name, path.read_text("utf-8")


@pytest.mark.parametrize("name", schema_texts())
def test_a_shipped_schema_is_what_the_declarations_of_the_check_say(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == schema_texts()[name], "run `make docs`"


def test_every_shipped_file_fits_its_schema() -> None:
    rows = list(_shipped())
    assert len(rows) > 40
    for kind, name, text in rows:
        errors = [
            f"{error.instance_path}: {error.message}"
            for error in _validator(kind).iter_errors(_content(text))
        ]
        assert errors == [], name


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_a_schema_refuses_what_one_file_alone_shows_to_be_wrong(path: Path) -> None:
    content = _content(path.read_text("utf-8"))
    fits = content is None or _validator("rulebook").is_valid(content)
    assert fits == (path.stem in SEEN_BY_THE_CHECK_ALONE)


NESTED: Mapping[str, tuple[tuple[object, ...], ...]] = {
    "SCHEME": (("scheme",),),
    "SOURCE_TEXT": (("texts", "order"),),
    "SCALE": (("scales", "result"),),
    "LEVEL": (("scales", "result", "levels", 0),),
    "CELL": (("cells", "bands"), ("cells", "yearly")),
    "FORM": (("cells", "bands", "form"),),
    "BAND": (("cells", "bands", "values", "2020-01-01", "value", 0),),
    "PROCEDURE": (("procedures", "result"),),
    "STEP": (("procedures", "result", "steps", "failed"),),
}


def _without(content: Any, path: tuple[Any, ...], key: str) -> str:
    copy = json.loads(json.dumps(content))
    place = copy
    for part in path:
        place = place[part]
    place.pop(key, None)
    return json.dumps(copy, ensure_ascii=False)


@pytest.mark.parametrize("shape", NESTED)
def test_a_key_is_needed_by_the_check_where_it_is_declared_so(shape: str) -> None:
    content = _content(SOUND)
    for path in NESTED[shape]:
        for name, key in getattr(shapes, shape).items():
            _, faults = read_layers(bundle({"x.yaml": _without(content, path, name)}))
            said = any("缺少" in fault.what or "不认识" in fault.what for fault in faults)
            if key.needed or key.in_base:
                assert said, f"{shape}.{name} is declared as needed"
            elif shape not in ("FORM", "BAND"):
                assert not said, f"{shape}.{name} is declared as free to leave out"


def test_what_the_schema_knows_of_the_sound_rulebook_is_what_the_check_knows() -> None:
    assert _validator("rulebook").is_valid(_content(SOUND))
    assert check_rulebook({"x.yaml": SOUND}, on=TODAY, checklists=[checklist("cn-catering-2016-1-3")]).sound


def test_a_value_of_every_form_is_described() -> None:
    cell = json.loads((FOLDER / "rulebook.schema.json").read_text("utf-8"))["$defs"]["cell"]
    kinds = [row["if"]["properties"]["form"]["properties"]["kind"]["const"] for row in cell["allOf"]]
    assert sorted(kinds) == sorted(KINDS)
