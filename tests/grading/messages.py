"""Every fault that the code can tell, read from the code itself, with … for what varies."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.grading.shipped import SEEDS

ROOT = SEEDS.parent
# The readers of rulebooks, checklists and holdings, and the check of what lies in a folder.
FILES = (
    *("bundles", "cell_reading", "check", "checklist", "fields", "forms", "holdings", "program", "reading"),
    *("step_checks", "yaml_reader"),
)
FOLDER_FILES = ("checking", "files")
VARIES = "…"
# Ways to note a fault, with the number of their arguments; the last two are what and cure.
_NOTES = {"add": 3, "fault": 3, "lacking": 4}


@dataclass(frozen=True)
class Message:
    """One fault as the code says it."""

    file: str
    line: int
    what: str
    cure: str

    def matches(self, said: str) -> bool:
        """Tell whether a sentence is this message."""
        parts = [re.escape(part) for part in self.what.split(VARIES)]
        return re.fullmatch(".*".join(parts), said, re.DOTALL) is not None


def messages() -> list[Message]:
    """Every message of the check."""
    paths = [ROOT / "grading" / f"{name}.py" for name in FILES]
    paths += [ROOT / "inspections" / "rulebooks" / f"{name}.py" for name in FOLDER_FILES]
    return [message for path in paths for message in _in(path)]


def _in(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text("utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for call in ast.walk(function):
                texts = _texts(call)
                if texts is not None and isinstance(call, ast.Call):
                    what, cure = (_pattern(text, function, call.lineno) for text in texts)
                    if what != VARIES:
                        yield Message(path.stem, call.lineno, what, cure)


def _texts(call: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    if not isinstance(call, ast.Call):
        return None
    function = call.func
    is_note = isinstance(function, ast.Attribute) and len(call.args) == _NOTES.get(function.attr)
    is_fault = isinstance(function, ast.Name) and function.id in ("Fault", "_in_scheme")
    if isinstance(function, ast.Name) and function.id == "_in_scheme":
        return call.args[-1], ast.Constant("改正 overlay_of，或把那部规则放在同一文件夹里")
    return (call.args[-2], call.args[-1]) if is_note or is_fault else None


def _pattern(text: ast.expr, function: ast.FunctionDef, line: int) -> str:
    if isinstance(text, ast.Constant):
        return str(text.value)
    if isinstance(text, ast.JoinedStr):
        return "".join(_pattern(part, function, line) for part in text.values)
    if isinstance(text, ast.BinOp):
        return _pattern(text.left, function, line) + _pattern(text.right, function, line)
    if isinstance(text, ast.Name):
        given = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and node.lineno <= line
            and any(isinstance(target, ast.Name) and target.id == text.id for target in node.targets)
        ]
        return _pattern(given[-1], function, given[-1].lineno - 1) if given else VARIES
    return VARIES
