"""The stand-alone file and the server agree on every draw, and the file finds every planted fault."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from inspections.record.configuration import PACKAGE_ROOT
from tests.campaigns.drawing.made_up import certificate
from tests.campaigns.drawing.planted import FAULTS, Certificate, can_be_planted

FILE = PACKAGE_ROOT / "static" / "draw" / "verify_draw.py"
SCRIPT = PACKAGE_ROOT / "static" / "draw" / "verify.mjs"
DRAWS = range(40)


def said_by_the_file(found: Certificate, tmp_path: Path) -> tuple[int, str]:
    """What the stand-alone file says of a certificate: its exit code and its lines."""
    path = tmp_path / "draw.json"
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    # `-I`: no module of ours can be found, whatever the folder; `-O`: no check may rest on `assert`.
    command = [sys.executable, "-I", "-O", str(FILE), str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def planted(name: str, wanted: int = 3) -> list[Certificate]:
    """Certificates with one fault each, the first that it can be planted in."""
    found = []
    for number in range(400):
        one = certificate(number)
        if can_be_planted(FAULTS[name], one):
            FAULTS[name](one)
            found.append(one)
        if len(found) == wanted:
            return found
    raise AssertionError(f"{name} could be planted nowhere")


@pytest.mark.parametrize("number", DRAWS)
def test_the_file_agrees_with_the_server_on_every_draw(number: int, tmp_path: Path) -> None:
    code, said = said_by_the_file(certificate(number), tmp_path)
    assert code == 0, said
    assert "✗" not in said
    assert "全部成立 / everything holds" in said


@pytest.mark.parametrize("name", FAULTS)
def test_the_file_finds_every_planted_fault(name: str, tmp_path: Path) -> None:
    for found in planted(name):
        code, said = said_by_the_file(found, tmp_path)
        assert code == 1, name
        assert "✗" in said
        assert "有不成立的地方 / something does not hold" in said


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"draws": 3}', '{"revealed_at": "x", "format": "other", "draws": []}']
)
def test_what_is_no_certificate_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "draw.json"
    path.write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", str(FILE), str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "有不成立的地方" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_before_the_reveal_there_is_nothing_to_compute(tmp_path: Path) -> None:
    found = certificate(0)
    found["revealed_at"] = None
    found["draws"] = [{"number": one["number"], "commitment": one["commitment"]} for one in found["draws"]]
    code, said = said_by_the_file(found, tmp_path)
    assert code == 2
    assert "not revealed yet" in said


def test_the_file_is_short_and_needs_the_standard_library_alone() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    imported = {
        name.name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])
    }
    assert imported <= sys.stdlib_module_names


def test_the_page_script_asks_for_nothing_but_its_certificate() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert "import " not in text
    assert text.count("fetch(") == 1
    assert "http" not in text
