"""The format of the rules as JSON Schema, for editors that help while typing; `rulebook check` knows more.

Made from the declarations that the readers themselves use, so that neither can allow what the other refuses.
"""

from collections.abc import Mapping

from grading import shapes
from grading.checklist import MARKS
from grading.facts import FACTS_OF
from grading.forms import KINDS
from grading.holdings import PURPOSES
from grading.operations import OPERATIONS
from grading.operations.registry import (
    ANSWERS,
    CASES,
    CHOICES,
    PARAMETERS_ZH,
    REFS,
    SELECTIONS,
    Operation,
)
from grading.operations.tables import TESTS
from grading.shapes import ANY, DAY, FLAG, LIMITS, NUMBER, TEXT, WORDS, Shape
from grading.vocabulary import LETTERS, Basis, UnitType

Schema = Mapping[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_ID: Schema = {"type": "string", "pattern": f"^{shapes.ID}$"}
_INTERVAL: Schema = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]}
_CODE: Schema = {"type": ["string", "number"]}
_HOLDS: Mapping[str, Schema] = {
    TEXT: {"type": ["string", "null"]},
    DAY: {"anyOf": [_DAY, {"type": "null"}]},
    FLAG: {"type": ["boolean", "null"]},
    NUMBER: {"type": ["number", "null"]},
    WORDS: {"anyOf": [{"type": "array", "items": _CODE}, {"type": "null"}]},
    ANY: {},
}
# What is written under these forms of value; in a table each entry has the form `of`.
_VALUES: Mapping[str, Schema] = {
    "number": {"type": "number"},
    "range": {"type": "array", "minItems": 2, "maxItems": 2},
    "word": _CODE,
    "words": {"type": "array", "items": _CODE},
    "table": {"type": "object"},
    "bands": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/band"}},
    "rules": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/rule"}},
}


def rulebook_schema() -> Schema:
    """Return the schema of one file of a rulebook; a name may be written in any of its files."""
    top = {
        "scheme": _ref("scheme"),
        "texts": _each("source_text"),
        "scales": _each("scale"),
        "cells": _each("cell"),
        "procedures": {"type": "object", "propertyNames": {"enum": list(FACTS_OF)}, **_each("procedure")},
        "counterexamples": {"type": "array", "items": _ref("counterexample")},
    }
    return _document("规则", _object(shapes.RULEBOOK_FILE, top), _definitions())


def checklist_schema() -> Schema:
    """Return the schema of a checklist."""
    mark = {"enum": list(MARKS)}
    parts: dict[str, Schema] = {
        "checklist": _object(shapes.CHECKLIST),
        "item": _object(shapes.ITEM, {"code": _CODE, "mark": mark}),
    }
    rows = {"type": "array", "minItems": 1, "items": _ref("item")}
    return _document(
        "检查表", _object(shapes.CHECKLIST_FILE, {"checklist": _ref("checklist"), "items": rows}), parts
    )


def holdings_schema() -> Schema:
    """Return the schema of the holdings."""
    types = {"anyOf": [{"const": "all"}, {"type": "array", "items": {"enum": list(UnitType)}}]}
    row = _object(shapes.HOLDING, {"purpose": {"enum": list(PURPOSES)}, "unit_types": types, "from": _DAY})
    top = {"holdings": {"type": "array", "items": _ref("holding")}}
    return _document("适用名录", _object(shapes.HOLDINGS_FILE, top), {"holding": row})


def _document(title: str, top: Schema, definitions: Mapping[str, Schema]) -> Schema:
    return {"$schema": DRAFT, "title": title, **top, "$defs": dict(definitions)}


def _definitions() -> dict[str, Schema]:
    level = {"type": "array", "items": _ref("level")}
    steps = {"type": "object", "additionalProperties": _ref("step")}
    outputs = {"type": "object", "additionalProperties": {"type": "string"}, "required": ["value"]}
    return {
        "scheme": _object(shapes.SCHEME, {"id": _ID, "step": _INTERVAL}),
        "source_text": _object(shapes.SOURCE_TEXT),
        "scale": _object(shapes.SCALE, {"levels": level, "outside": level}),
        "level": _object(shapes.LEVEL),
        "cell": _cell(),
        "form": _form(),
        "entry": _entry(),
        "band": _object(shapes.BAND),
        "rule": _object(shapes.RULE, {"when": _ref("condition")}),
        "condition": _condition(),
        "test": _test(),
        "procedure": _object(shapes.PROCEDURE, {"steps": steps, "outputs": outputs}),
        "step": _step(),
        "counterexample": _object(shapes.COUNTEREXAMPLE),
    }


def _object(shape: Shape, parts: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of a mapping: its keys and no others."""
    found: dict[str, object] = {
        name: {"description": key.zh, **(parts or {}).get(name, _HOLDS[key.holds])}
        for name, key in shape.items()
    }
    needed = [name for name, key in shape.items() if key.needed]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": found,
        **({"required": needed} if needed else {}),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _each(name: str) -> Schema:
    return {"type": "object", "additionalProperties": _ref(name)}


def _cell() -> Schema:
    values = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": _DAY,
        "additionalProperties": _ref("entry"),
    }
    cell = _object(shapes.CELL, {"form": _ref("form"), "values": values})
    by_form = [
        {
            "if": {"properties": {"form": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}},
                   "required": ["form"]},
            "then": {"properties": {"values": {"additionalProperties": _value(value)}}},
        }
        for kind, value in _VALUES.items()
    ]  # fmt: skip
    return {**cell, "allOf": by_form}


def _value(value: Schema) -> Schema:
    return {"properties": {"value": {"anyOf": [value, {"type": "null"}]}}}


def _form() -> Schema:
    keys = {"anyOf": [{"type": "string"}, _HOLDS[WORDS]]}
    kind = {"enum": list(KINDS)}
    return _object(shapes.FORM, {"kind": kind, "keys": keys, "of": _ref("form"), "step": _INTERVAL})


def _entry() -> Schema:
    basis = {"enum": [*Basis, None]}
    bases = {"type": "object", "additionalProperties": {"enum": list(Basis)}}
    entry = _object(shapes.ENTRY, {"basis": basis, "bases": bases, "article": {"type": ["string", "number"]}})
    return {**entry, "anyOf": [{"required": [key]} for key in ("value", "patch", "repealed")]}


def _condition() -> Schema:
    several = {"type": "array", "items": _ref("condition")}
    return {
        "type": "object",
        "properties": {"any": several, "all": several},
        "additionalProperties": _ref("test"),
    }


def _test() -> Schema:
    limit = {"type": ["number", "null"]}
    tests: dict[str, Schema] = {name: limit if name in LIMITS else {} for name in TESTS}
    return {
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "object", "additionalProperties": False, "properties": tests},
        ]
    }


def _step() -> Schema:
    """Return the schema of a step: the keys depend on its operation."""
    return {
        "type": "object",
        "required": ["op"],
        "properties": {"op": {"enum": sorted(OPERATIONS)}},
        "allOf": [
            {
                "if": {"properties": {"op": {"const": name}}, "required": ["op"]},
                "then": _of_operation(OPERATIONS[name]),
            }
            for name in sorted(OPERATIONS)
        ],
    }


def _of_operation(operation: Operation) -> Schema:
    kinds = {**operation.required, **operation.optional}
    own = {key: {"description": PARAMETERS_ZH[kind], **_parameter(kind)} for key, kind in kinds.items()}
    op = {"description": operation.summary}
    label = {"description": shapes.STEP["label"].zh, "type": ["string", "null"]}
    return {
        "additionalProperties": False,
        "properties": {"op": op, "label": label, **own},
        "required": ["op", *operation.required],
    }


def _parameter(kind: str) -> Schema:
    if kind in CHOICES:
        return {"enum": list(CHOICES[kind])}
    if kind in SELECTIONS:
        return {"type": "array", "items": {"enum": list(SELECTIONS[kind])}}
    if kind == REFS:
        return {"type": "array", "items": {"type": "string"}}
    if kind == CASES:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    return {"type": "string", "pattern": f"^[{LETTERS}]+$"} if kind == ANSWERS else {"type": "string"}
