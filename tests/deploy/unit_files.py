"""Reads systemd's unit files with their drop-ins, as far as our own use them."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"([A-Za-z]+)=(.*)")


@dataclass(frozen=True)
class Unit:
    """A unit: for each section, each key with its values in order, after every reset."""

    name: str
    sections: dict[str, dict[str, list[str]]]

    def values(self, section: str, key: str) -> list[str]:
        """Every value of a key."""
        return self.sections.get(section, {}).get(key, [])

    def value(self, section: str, key: str, default: str = "") -> str:
        """The last value of a key."""
        return next(reversed(self.values(section, key)), default)

    def words(self, section: str, key: str) -> list[str]:
        """The words of all values of a list."""
        return [word for value in self.values(section, key) for word in value.split()]


def read_unit(folder: Path, name: str) -> Unit:
    """A unit of a folder with the drop-ins of its name and of its prefix, sorted by file name."""
    stem, kind = name.rsplit(".", 1)
    template = f"{stem.split('@')[0]}@.{kind}" if "@" in stem else name
    drop_ins = [
        path
        for folder_name in (f"{template}.d", f"honghei-.{kind}.d")
        for path in (folder / folder_name).glob("*.conf")
    ]
    sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in [folder / template, *sorted(drop_ins, key=lambda path: path.name)]:
        _read(path, sections)
    return Unit(name, sections)


def _read(path: Path, sections: dict[str, dict[str, list[str]]]) -> None:
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("["):
            section = text.strip("[]")
        elif (found := _LINE.fullmatch(text)) is not None:
            key, value = found.groups()
            if value:
                sections[section][key].append(value)
            else:
                # An empty value takes back what was said before.
                sections[section][key].clear()
