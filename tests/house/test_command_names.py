"""A message that names a command names it as it is called on this machine."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from inspections.record.configuration import PACKAGE_ROOT
from tests.house.command_reference import commands

# A preview is looked at where it was written, never on an installed server.
_PREVIEW = "publishing/site/commands.py"


def _sources() -> Iterator[Path]:
    for room in ("grading", "inspections", "publishing"):
        yield from sorted((PACKAGE_ROOT / room).rglob("*.py"))


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every text of a module but its docstrings and what a command says of itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) or (isinstance(node, ast.keyword) and node.arg == "help")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in own:
            yield node.lineno, node.value


def test_no_message_names_a_command_otherwise_than_it_is_called_here() -> None:
    names = {name.partition(" ")[0] for name, _ in commands()}
    bare = re.compile(rf"运行 ?({'|'.join(map(re.escape, sorted(names)))})\b")
    looked_at, found = 0, []
    for path in _sources():
        where = path.relative_to(PACKAGE_ROOT).as_posix()
        for line, text in _texts(path):
            looked_at += 1
            if bare.search(text) or (
                "--app app" in text and where != _PREVIEW and "command_line" not in where
            ):
                found.append(f"{where}:{line}: {text}")
    assert looked_at > 5_000
    assert found == []


def test_an_installed_server_says_its_own_word(tmp_path: Path) -> None:
    said = {}
    for word in (None, "honghei"):
        environment = {**os.environ, "HHB_DATA": str(tmp_path / "none"), "LC_ALL": "C.UTF-8"}
        environment |= {"HHB_COMMAND": word} if word else {}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "verify"],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=PACKAGE_ROOT,
        )
        assert done.returncode == 1
        said[word] = done.stderr
    assert "新的目录先运行 flask --app app migrate。" in said[None]
    assert "新的目录先运行 honghei migrate。" in said["honghei"]
