"""Files of rulebooks, checklists and holdings on disk: read whole, or with every reason why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grading.bundles import base_of, bundle, overlay
from grading.checklist import checklist_text
from grading.errors import Fault
from grading.yaml_reader import MAX_CHARACTERS
from inspections.record.configuration import PACKAGE_ROOT
from inspections.rulebooks.queries import RulesError

SEEDS = PACKAGE_ROOT / "seeds"
_LARGEST_BYTES = 4 * MAX_CHARACTERS

Files = Mapping[str, str]


@dataclass
class ReadFiles:
    """The texts that could be read, and a fault for each file that could not."""

    texts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unread: str = ""
    """What can be made out of the files that are no text."""

    def add(self, path: Path) -> None:
        """Read one file."""
        found = _read(path)
        if isinstance(found, Fault):
            self.faults.append(found)
            self.unread += f"\n{_made_out(path)}"
        else:
            self.texts[path.name] = found


def _read(path: Path) -> str | Fault:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            what = f"文件有 {path.stat().st_size} 字节，超过上限 {_LARGEST_BYTES}"
            return Fault(path.name, 1, what, "确认是不是放错了文件；必要时拆成几个文件")
        content = path.read_bytes()
    except OSError as error:
        return Fault(path.name, 1, f"不能读取（{error.strerror}）", "检查路径和权限")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Fault(path.name, line, f"不是 UTF-8 文本（第 {error.start + 1} 字节）", "另存为 UTF-8")


def _made_out(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return ""


def read_folder(folder: Path) -> dict[str, str]:
    """The texts of a rulebook's files by name, or a sentence that says why not."""
    return {path.name: read_text(path) for path in sorted(folder.glob("*.yaml"))}


def read_text(path: Path) -> str:
    """A text file in UTF-8, or a sentence that says why not."""
    if not path.exists():
        raise RulesError(f"找不到文件 {path}；请检查路径。")
    found = _read(path)
    if isinstance(found, Fault):
        raise RulesError(str(found))
    return found


def checklist_texts(seeds: Path = SEEDS) -> dict[str, str]:
    """The canonical text of every shipped checklist by its id."""
    paths = sorted((seeds / "checklists").glob("*.yaml"))
    return {path.stem: checklist_text(path.name, read_text(path)) for path in paths}


def scheme_folders(seeds: Path = SEEDS) -> dict[str, Files]:
    """The files of every shipped scheme by its folder's name."""
    folders = [path for path in sorted((seeds / "rulebooks").iterdir()) if path.is_dir()]
    return {folder.name: read_folder(folder) for folder in folders}


def stacked_text(scheme: str, files: Files, files_of: Callable[[str], Files]) -> str:
    """The canonical text of a scheme with every scheme it is laid over below it."""
    piles = [(scheme, files)]
    names = [scheme]
    while (base := base_of(piles[-1][1])) is not None:
        if base in names:
            raise RulesError(f"规则 {' → '.join([*names, base])} 互相叠加，没有底层；请改正 overlay_of。")
        found = files_of(base)
        if not found:
            raise RulesError(
                f"规则 {piles[-1][0]} 叠加在“{base}”之上，但没有 seeds/rulebooks/{base}；请补上或改名。"
            )
        names.append(base)
        piles.append((base, found))
    name, lowest = piles.pop()
    text = bundle(lowest, name)
    for above, layer in reversed(piles):
        text = overlay(text, layer, above)
    return text
