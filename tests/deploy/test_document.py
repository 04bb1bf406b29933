"""Promises of docs/deploy.md: everything that it names is there, and its steps come in the order of work."""

import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from app import create_app
from deploy.choices import read_choices
from inspections.record.configuration import PACKAGE_ROOT
from tests.deploy.document import DOCUMENT, blocks_of_document
from tests.deploy.front import open_to_others

DEPLOY = PACKAGE_ROOT / "deploy"
SCRIPTS = sorted(
    path
    for path in (*DEPLOY.iterdir(), *(DEPLOY / "bin").iterdir())
    if path.is_file() and path.read_bytes().startswith(b"#!")
)
UNITS = sorted((DEPLOY / "systemd").glob("honghei*.service"))
KINDS = {"collector", "server", "look", "collector-next", "server-next", "back", "restore"}
TWO_HOSTS = {"two-inside", "two-public", "two-public-restore", "two-inside-carry", "two-public-carry"}


def _commands() -> list[list[str]]:
    """The words of every call of the program in the document."""
    found = []
    for block in blocks_of_document():
        text = block.text.replace("\\\n", " ")
        found += [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("honghei ")]
    return found


def test_every_block_of_commands_says_where_it_is_run() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert len(re.findall(r"^ *```sh", text, re.MULTILINE)) == len(blocks_of_document())
    assert {block.where for block in blocks_of_document()} == KINDS | TWO_HOSTS


@pytest.mark.parametrize("words", _commands(), ids=" ".join)
def test_every_command_of_the_document_is_one_of_the_program(words: list[str]) -> None:
    command: click.Command = create_app().cli
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    # Files that only the server has need not be here.
    for parameter in command.params:
        if isinstance(parameter.type, click.Path):
            parameter.type.exists = False
    command.make_parser(click.Context(command)).parse_args(words)


def test_the_steps_come_in_the_order_of_the_work() -> None:
    said = "\n".join(block.text for block in blocks_of_document())
    order = [
        "deploy/collect",
        "./install",
        "honghei init",
        "certificate make",
        "honghei-use-certificate inside",
    ]
    order += ["honghei health", "import units", "honghei plates", "honghei-next", "honghei-back --yes"]
    order += ["honghei-restore", "open-inbox"]
    places = [said.index(step) for step in order]
    assert places == sorted(places)


def test_the_choices_of_the_document_and_of_the_empty_form_can_be_used(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    written = re.search(r"honghei\.conf <<'填好了'\n(.*?)填好了\n", text, re.DOTALL)
    assert written is not None
    for content in (written.group(1), (DEPLOY / "honghei.conf").read_text(encoding="utf-8")):
        file = tmp_path / "honghei.conf"
        file.write_text(content, encoding="utf-8")
        assert read_choices(file).role == "one"


def test_every_unit_user_and_folder_that_the_document_names_is_one_of_ours() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    units = {path.stem for path in (DEPLOY / "systemd").glob("honghei-*.*")}
    commands = {path.name for path in DEPLOY.iterdir()}
    everything = "\n".join(path.read_text(encoding="utf-8") for path in (*SCRIPTS, DEPLOY / "lib.sh", *UNITS))
    for name in set(re.findall(r"honghei-[a-z]+(?:-[a-z]+)*", text)) - {"honghei-next"}:
        known = name in units or name.removeprefix("honghei-") in commands or name in everything
        assert known, name
    for place in set(re.findall(r"/(?:opt|etc|var/lib|var/backups)/honghei[a-z/.-]*", text)):
        tail = place.rstrip("/.").split("/")[-1]
        assert tail in everything or tail in {".ssh", "known_hosts"}, place


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_can_be_run_and_stops_at_the_first_fault(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111, "not executable"
    assert "set -euo pipefail" in text or "lib.sh" in text
    subprocess.run(["bash", "-n", script], check=True)


def test_nobody_but_root_gets_anywhere_and_is_told_so(tmp_path: Path) -> None:
    script = "setpriv --reuid=65534 --clear-groups bash " if _is_root() else "bash "
    copied = tmp_path / "deploy"
    copied.mkdir()
    for name in ("lib.sh", "back", "restore"):
        (copied / name).write_bytes((DEPLOY / name).read_bytes())
    open_to_others(copied)
    for name in ("back", "restore"):
        done = subprocess.run(
            [*script.split(), copied / name], capture_output=True, text=True, check=False, cwd="/"
        )
        assert (done.returncode, done.stderr) == (1, "停下了：请用 root 运行\n")


def _is_root() -> bool:
    return Path("/proc/self").stat().st_uid == 0


def test_no_script_and_no_unit_holds_a_secret() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(?i)(password|secret|key)\s*=\s*['\"]?[A-Za-z0-9]{8,}", text), path
