"""Files of a LIVES feed as cities really publish them: found by name, decoded and parted line by line."""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inspections.record.errors import HouseError
from inspections.surface.sheets.faults import Fault

_WIDE = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_LEGENDS = ("legend.csv", "scorelegend.csv", "score_legend.csv")
_KINDS = ("businesses", "inspections", "violations", "feed_info")
_SEPARATORS = ",;\t|"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_MOST_LINES_OF_A_ROW = 5
PHONE = "phone_number"
LARGEST_BYTES = 500 * 1024 * 1024


class LivesError(HouseError):
    """A directory that is no LIVES feed."""


@dataclass(frozen=True)
class FeedContents:
    """The feed's files by what they are, and the names of files that are no part of a feed."""

    files: Mapping[str, bytes]
    others: tuple[str, ...] = ()


@dataclass
class FeedRow:
    """One row of a file: its line, and its cells by column; a telephone is not among them."""

    line: int
    cells: Mapping[str, str]


@dataclass
class FeedFile:
    """One file of the feed; `named` holds every row that is not loaded, `notes` what else to know."""

    name: str
    columns: tuple[str, ...]
    rows: list[FeedRow] = field(default_factory=list)
    total: int = 0
    phones: int = 0
    named: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def name_row(self, line: int, value: str, what: str, cure: str) -> None:
        """Name a row that is not loaded, with the reason."""
        self.named.append(Fault(line, self.name, value, what, cure))

    def note(self, line: int, value: str, what: str, cure: str = "") -> None:
        """Note something about a row that is loaded, or about the file."""
        self.notes.append(Fault(line, self.name, value, what, cure, is_warning=True))


def read_feed(place: Path) -> FeedContents:
    """The files of a folder or ZIP: `businesses`, `inspections`, `violations`, `legend`, `feed_info`."""
    contents = {name.lower(): content for name, content in _contents(place)}
    names = {kind: f"{kind}.csv" for kind in _KINDS if f"{kind}.csv" in contents}
    legend = next((name for name in _LEGENDS if name in contents), None)
    if legend is not None:
        names["legend"] = legend
    missing = [f"{kind}.csv" for kind in ("businesses", "inspections") if kind not in names]
    if missing:
        raise LivesError(f"{place} 里没有 {'、'.join(missing)}；请给出 LIVES 数据所在的文件夹或 ZIP。")
    others = sorted(set(contents) - set(names.values()))
    return FeedContents({kind: contents[name] for kind, name in names.items()}, tuple(others))


def _contents(place: Path) -> Iterator[tuple[str, bytes]]:
    if place.is_dir():
        for path in sorted(place.iterdir()):
            if path.suffix.lower() == ".csv":
                yield path.name, path.read_bytes()
    elif not place.exists():
        raise LivesError(f"找不到 LIVES 数据 {place}；请给出文件夹或 ZIP。")
    else:
        yield from _packed(place)


def _packed(place: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(place) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_BYTES:
                raise LivesError(f"{place.name} 解开后超过 500 MB；请检查文件。")
            for info in archive.infolist():
                if info.filename.lower().endswith(".csv"):
                    yield Path(info.filename).name, archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise LivesError(
            f"{place.name} 不是完整的 ZIP（可能没有下载完，或加了密码）；请重新下载，或给出解开后的文件夹。"
        ) from error


def read_file(name: str, content: bytes, required: Sequence[str], known: Sequence[str]) -> FeedFile:
    """Every row of one file; rows of another width are named, odd bytes and quotes are noted."""
    if not content.strip():
        raise LivesError(f"{name} 是空文件；至少要有表头。")
    file = FeedFile(name, ())
    odd: dict[int, str] = {}
    lines = _lines(content, odd)
    separator = max(_SEPARATORS, key=lambda mark: len(set(_header(lines[0], mark)) & set(known)))
    file.columns = header = _header(lines[0], separator)
    absent = [column for column in required if column not in header]
    if absent:
        raise LivesError(f"{name} 缺少列 {'、'.join(absent)}；第一行应是表头（{'、'.join(required)}…）。")
    unknown = [column for column in header if column and column not in known]
    if unknown:
        file.note(1, "、".join(unknown), "LIVES 没有的列，没有载入")
    for line, cells, is_mended in _records(lines, separator, len(header)):
        _take_row(file, line, cells)
        shown = cells[0].strip() if len(cells) == len(header) and header[0] != PHONE else ""
        if is_mended:
            file.note(line, shown, "引号没有配对，按分隔符读出", "请核对这一行")
        if line in odd:
            file.note(line, shown, f"不是 UTF-8（字节 {odd[line]}），按 Windows-1252 读出")
    return file


def _header(line: str, separator: str) -> tuple[str, ...]:
    cells = next(csv.reader([line], delimiter=separator))
    return tuple(cell.strip().lower().replace(" ", "_") for cell in cells)


def _take_row(file: FeedFile, line: int, cells: Sequence[str]) -> None:
    if not any(cell.strip() for cell in cells):
        return
    file.total += 1
    if len(cells) != len(file.columns):
        what = f"有 {len(cells)} 格，表头有 {len(file.columns)} 列"
        shown = cells[0].strip() if file.columns[0] != PHONE else ""
        file.name_row(line, shown, what, "可能断行、缺列或被截断")
        return
    values = {column: cell.strip() for column, cell in zip(file.columns, cells, strict=True)}
    file.phones += bool(values.pop(PHONE, ""))
    file.rows.append(FeedRow(line, values))


def _lines(content: bytes, odd: dict[int, str]) -> list[str]:
    """The file's lines; those that are no UTF-8 are put down in `odd` with their bytes."""
    if content.startswith(_WIDE):
        return _LINE_ENDS.split(content.decode("utf-16", errors="replace"))
    found = []
    for number, line in enumerate(content.removeprefix(_BOM).splitlines(), start=1):
        try:
            found.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            # Seen in the wild: È, Ê and É as single bytes of Windows-1252 among lines of UTF-8.
            found.append(line.decode("cp1252", errors="replace"))
            odd[number] = "、".join(sorted({f"0x{byte:02X}" for byte in line if byte > 0x7F}))
    return found


def _records(lines: Sequence[str], separator: str, width: int) -> Iterator[tuple[int, list[str], bool]]:
    """After the header: line number, cells, and whether quotes had to be mended.

    A quote that is never closed must not swallow the rows after it: a row takes further lines only where
    they complete it.
    """
    at = 1
    while at < len(lines):
        for count in range(1, _MOST_LINES_OF_A_ROW + 1):
            cells = _parted(lines[at : at + count], separator)
            if cells is not None and (count == 1 or len(cells) == width):
                yield at + 1, cells, False
                at += count
                break
        else:
            yield at + 1, _mended(lines[at], separator, width), True
            at += 1


def _parted(lines: Iterable[str], separator: str) -> list[str] | None:
    """The cells of one row, or none where its quotes do not pair."""
    try:
        rows = list(csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else [] if not rows else None


def _mended(line: str, separator: str, width: int) -> list[str]:
    """The cells of a row with broken quotes: read leniently, or parted without regard to quotes."""
    try:
        cells = next(csv.reader([line], delimiter=separator))
    except csv.Error:
        cells = []
    return cells if len(cells) == width else line.replace('"', "").split(separator)
