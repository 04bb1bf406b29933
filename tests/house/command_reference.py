"""The command reference, generated from the program's own help: `python -m tests.house.command_reference`."""

from collections.abc import Iterator
from pathlib import Path

import click

from app import create_app
from inspections.record.configuration import PACKAGE_ROOT

REFERENCE = PACKAGE_ROOT / "docs" / "commands.md"
_FLASKS_OWN = {"run", "shell", "routes"}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command of ours with its full name, groups included."""
    for name, command in sorted(create_app().cli.commands.items()):
        if name not in _FLASKS_OWN:
            yield from _with_parts(name, command)


def _with_parts(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for part, inner in sorted(command.commands.items()):
            yield from _with_parts(f"{name} {part}", inner)


def reference() -> str:
    """The whole page."""
    parts = [
        "# Commands",
        "",
        "Everything hangs on `flask --app app`; `HHB_DATA` decides the data directory.",
        "Written from the program's own help by `make docs`.",
    ]
    for name, command in commands():
        context = click.Context(command, info_name=name)
        help_text = command.get_help(context).replace("Usage: ", "flask --app app ", 1)
        parts += ["", f"## {name}", "", "```", help_text.rstrip(), "```"]
    return "\n".join(parts) + "\n"


def main(path: Path = REFERENCE) -> None:
    """Write the page."""
    path.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
