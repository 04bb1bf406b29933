"""The commands of docs/deploy.md, taken out of it so that it cannot rot."""

import re
from dataclasses import dataclass

from inspections.record.configuration import PACKAGE_ROOT

DOCUMENT = PACKAGE_ROOT / "docs" / "deploy.md"
_BLOCK = re.compile(r"^( *)```sh ([a-z-]+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Some lines of the document, and where they are run."""

    where: str
    text: str


def blocks_of_document() -> list[Block]:
    """Every block of commands, in order."""
    found = []
    for inset, where, text in _BLOCK.findall(DOCUMENT.read_text(encoding="utf-8")):
        lines = [line.removeprefix(inset) for line in text.splitlines()]
        found.append(Block(where, "\n".join(lines) + "\n"))
    return found
