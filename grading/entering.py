"""What a bureau enters: one local value as an overlay file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import grading.canonical as canonical
from grading.bundles import overlay
from grading.errors import AnswersError, Fault, RulebookError
from grading.rulebook import Rulebook, read_rulebook
from grading.yaml_reader import read_yaml


@dataclass(frozen=True)
class LocalEntry:
    """A value that the bureau decided: for which cell, from when, by which document, who typed it.

    `cell` may be a path into a table, such as `grade_matrix.I.compliant`; `value` is YAML.
    """

    cell: str
    value: str
    from_day: date
    document: str
    document_sha256: str
    account: str


def local_overlay(entry: LocalEntry, rulebook: Rulebook) -> dict[str, str]:
    """Return the overlay file of an entry; a cell that the rulebook lacks is refused."""
    name, path = _place(entry.cell, rulebook)
    node, faults = read_yaml("(录入的值)", entry.value)
    if node is None or faults:
        raise RulebookError(faults or [Fault("(录入的值)", 1, "没有值", "写一个值")])
    value: object = node.plain()
    for key in reversed(path):
        value = {key: value}
    row = {
        ("patch" if path else "value"): value,
        "basis": "local",
        "document": entry.document,
        "document_sha256": entry.document_sha256,
        "account": entry.account,
    }
    content = {"cells": {name: {"values": {entry.from_day.isoformat(): row}}}}
    stamp = canonical.digest(canonical.encode(content))[:12]
    return {f"local-{entry.from_day}-{name}-{stamp}.yaml": canonical.encode(content)}


def all_entered(text: str, entries: Sequence[LocalEntry]) -> str:
    """Return a rulebook's canonical text with local values on top, one layer each, not yet checked."""
    rulebook = read_rulebook(text)
    for entry in entries:
        text = overlay(text, local_overlay(entry, rulebook), _layer(entry))
    return text


def entered(text: str, entry: LocalEntry) -> str:
    """Return a rulebook's canonical text with a local value on top, checked as a whole."""
    rulebook = read_rulebook(text)
    files = local_overlay(entry, rulebook)
    result = overlay(text, files, _layer(entry))
    read_rulebook(result)
    return result


def _layer(entry: LocalEntry) -> str:
    return f"local {entry.from_day}"


def _place(cell: str, rulebook: Rulebook) -> tuple[str, tuple[str, ...]]:
    name, _, rest = cell.partition(".")
    if name not in rulebook.cells:
        known = "、".join(rulebook.cells)
        raise AnswersError(f"规则 {rulebook.scheme} 没有规则值“{name}”：可用 {known}")
    path: list[str] = []
    form = rulebook.cells[name].form
    while rest:
        if form.kind != "table" or form.of is None:
            raise AnswersError(f"“{cell}”里的“{rest}”多余：{name} 到这一层已不是表")
        key, rest = _key(rest, form.keys, form.of.kind)
        path.append(key)
        form = form.of
    return name, tuple(path)


def _key(rest: str, keys: tuple[str, ...], inner: str) -> tuple[str, str]:
    """Split the first key off a path; item codes may hold dots themselves."""
    for key in sorted(keys, key=len, reverse=True):
        if rest == key or rest.startswith(f"{key}."):
            return key, rest[len(key) + 1 :]
    if inner != "table" and not keys:
        return rest, ""
    key, _, after = rest.partition(".")
    return key, after
