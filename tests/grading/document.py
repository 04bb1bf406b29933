"""The examples of docs/rulebooks.md, taken out of the document as they stand there."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from tests.grading.shipped import SEEDS

DOCUMENT = SEEDS.parent / "docs" / "rulebooks.md"
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"^ +(?P<name>\w+): (?P<step>\{op: .*\})  # → (?P<gives>.+)$")


class Block(NamedTuple):
    """A fenced block: what stands after its fence, and its text."""

    info: str
    body: str


class StepExample(NamedTuple):
    """One step with what it gives in the document's own visit or unit."""

    name: str
    gives: str


def text() -> str:
    """The whole document."""
    return DOCUMENT.read_text("utf-8")


def blocks() -> list[Block]:
    """Every fenced block, in order."""
    return [Block(found["info"].strip(), found["body"]) for found in _BLOCK.finditer(text())]


def of(kind: str) -> list[str]:
    """The texts of the YAML blocks of a kind."""
    return [block.body for block in blocks() if block.info == f"yaml {kind}"]


def worked_files() -> Mapping[str, str]:
    """The worked rulebook: its files by their path below `seeds`."""
    start = "yaml file="
    return {block.info.removeprefix(start): block.body for block in blocks() if block.info.startswith(start)}


def worked_cases() -> list[tuple[list[str], int, str]]:
    """The worked rulebook's cases: findings, score, card."""
    section = text().partition("| 问题 | 分数 | 结果 |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines()[2:]]
    return [
        ([] if findings.startswith("（") else findings.split(", "), int(score), card)
        for findings, score, card in rows
    ]


def steps(procedure: str) -> list[StepExample]:
    """The steps of the examples of a procedure, with what each gives."""
    lines = [line for body in of(procedure) for line in body.splitlines()]
    found = [_STEP.fullmatch(line) for line in lines]
    assert all(found), [line for line, match in zip(lines, found, strict=True) if match is None]
    return [StepExample(match["name"], match["gives"]) for match in found if match is not None]


def example_rulebook() -> str:
    """All small examples together: one rulebook."""
    header = "scheme: {id: example, title_zh: 例, title_en: Example, step: 0.1, checklists: [five-items]}\n"
    procedures = "procedures:\n"
    for name in ("result", "grade"):
        body = "".join(of(name))
        names = [step.name for step in steps(name)]
        value = "worse" if name == "result" else names[-1]
        outputs = ", ".join([f"value: {value}", *(f"{one}: {one}" for one in names)])
        procedures += f"  {name}:\n    scale: level\n    steps:\n{body}    outputs: {{{outputs}}}\n"
    return header + "".join(of("example")) + "cells:\n" + "".join(of("cells")) + procedures
