"""Promises of the READMEs: both say the same, and every command in them is one that the program has."""

import re
import shlex

import click
import pytest

from app import create_app
from inspections.record.configuration import PACKAGE_ROOT

ENGLISH, CHINESE = "README.md", "README.zh-CN.md"
PROGRAM = "flask --app app "


def _text(name: str) -> str:
    return (PACKAGE_ROOT / name).read_text(encoding="utf-8")


def _commands(name: str) -> list[str]:
    """The lines of the code blocks, without their comments."""
    blocks = re.findall(r"^```\n(.*?)^```", _text(name), re.MULTILINE | re.DOTALL)
    return [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]


def _targets() -> set[str]:
    return set(
        re.findall(r"^([a-z-]+):", (PACKAGE_ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_both_readmes_give_the_same_commands_pictures_and_documents() -> None:
    assert _commands(ENGLISH) == _commands(CHINESE)
    english, chinese = (re.findall(r"\]\(([^)]+)\)", _text(name)) for name in (ENGLISH, CHINESE))
    assert sorted({*english} - {CHINESE}) == sorted({*chinese} - {ENGLISH})
    assert sum(target.endswith(".png") for target in english) >= 3


@pytest.mark.parametrize("name", [ENGLISH, CHINESE])
def test_every_make_target_that_a_readme_names_is_in_the_makefile(name: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", _text(name), re.MULTILINE))
    assert {"serve", "test", "check"} <= named <= _targets()


@pytest.mark.parametrize("line", [line for line in _commands(ENGLISH) if line.startswith(PROGRAM)])
def test_every_command_of_the_readme_is_one_of_the_program(line: str) -> None:
    command: click.Command = create_app().cli
    words = shlex.split(line.removeprefix(PROGRAM))
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    command.make_parser(click.Context(command)).parse_args(words)


def test_the_way_of_a_bureaus_own_data_is_whole_and_in_order() -> None:
    said = [line.removeprefix(PROGRAM) for line in _commands(ENGLISH) if line.startswith(PROGRAM)]
    order = ["migrate", "init", "people add", "import units", "import visits", "visits release", "grade"]
    order += ["edition draft", "edition approve", "edition publish", "publish", "serve"]
    places = [next(place for place, line in enumerate(said) if line.startswith(step)) for step in order]
    assert places == sorted(places)
