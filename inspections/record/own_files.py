"""Files of the bureau's own, below its data directory: each goes before the shipped one of the same name.

A room declares what may be put there and how it is checked; a file that is replaced is kept.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inspections.record.errors import HouseError

FORMER = "former"
LARGEST = 1024 * 1024
_FOLDERS: list[Path] = []


class OwnFileError(HouseError):
    """A file that is not one of the kinds a bureau may put in."""


@dataclass(frozen=True)
class OwnKind:
    """What a bureau may put in: its key, its label, what it is for."""

    key: str
    label: str
    hint: str
    name_of: Callable[[Path], str]
    """The place of a file below the folder, from what it says; a fault is a sentence."""
    sample: Callable[[], Path]
    """A shipped file to write one's own after."""


_KINDS: dict[str, OwnKind] = {}


def declare_own_kind(kind: OwnKind) -> None:
    """Say what may be put in; declared once, at import of its room."""
    _KINDS[kind.key] = kind


def own_kinds() -> list[OwnKind]:
    """Everything that may be put in."""
    return list(_KINDS.values())


def sample_of(key: str) -> Path | None:
    """A shipped file of a kind; none where there is no such kind."""
    kind = _KINDS.get(key)
    return None if kind is None else kind.sample()


def use_own_files(folder: Path) -> None:
    """Look for the bureau's own files in a folder from now on."""
    _FOLDERS[:] = [folder]


def own_or_shipped(name: str, shipped: Path) -> Path:
    """The bureau's own file of a name where there is one, else the shipped one."""
    own = _FOLDERS[0] / name if _FOLDERS else shipped
    return own if own.is_file() else shipped


def former_files(name: str) -> Iterator[Path]:
    """What stood under a name before, in no order."""
    if _FOLDERS:
        yield from (_FOLDERS[0] / FORMER).glob(f"*-{name.replace('/', '-')}")


def own_names() -> list[str]:
    """The names of the bureau's own files that hold now."""
    if not _FOLDERS:
        return []
    files = (path.relative_to(_FOLDERS[0]) for path in _FOLDERS[0].rglob("*.toml"))
    return sorted(path.as_posix() for path in files if path.parts[0] != FORMER)


def put_own_file(key: str, source: Path) -> tuple[str, str]:
    """Check a file and put it in its place; its name and its SHA-256."""
    kind = _KINDS.get(key)
    if kind is None or not _FOLDERS:
        raise OwnFileError("没有这一种文件；请重新选择。没有改动。")
    content = source.read_bytes()
    if len(content) > LARGEST:
        raise OwnFileError("文件超过 1 MB，不像是这一种文件；请核对。没有改动。")
    name = kind.name_of(source)
    place = _FOLDERS[0] / name
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists() and place.read_bytes() != content:
        before = hashlib.sha256(place.read_bytes()).hexdigest()[:12]
        former = _FOLDERS[0] / FORMER
        former.mkdir(exist_ok=True)
        _write(former / f"{before}-{name.replace('/', '-')}", place.read_bytes())
    _write(place, content)
    return name, hashlib.sha256(content).hexdigest()


def _write(place: Path, content: bytes) -> None:
    """Put a file in its place in one step: whoever reads meanwhile finds the one before."""
    fresh = place.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(place)
