"""Files of a LIVES feed as cities really publish them: found by name, decoded and checked line by line."""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inspections.record.errors import HouseError
from inspections.surface.sheets.faults import Fault

_WIDE = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_LEGENDS = ("legend.csv", "scorelegend.csv", "score_legend.csv")
LARGEST_BYTES = 500 * 1024 * 1024


class LivesError(HouseError):
    """A directory that is no LIVES feed."""


@dataclass
class FeedRow:
    """One row of a file: its line, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass
class FeedFile:
    """One file of the feed; `named` holds every row that is not loaded, `notes` what else to know."""

    name: str
    columns: tuple[str, ...]
    rows: list[FeedRow] = field(default_factory=list)
    total: int = 0
    named: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def name_row(self, line: int, value: str, what: str, cure: str) -> None:
        """Name a row that is not loaded, with the reason."""
        self.named.append(Fault(line, self.name, value, what, cure))

    def note(self, line: int, value: str, what: str, cure: str = "") -> None:
        """Note something about a row that is loaded, or about the file."""
        self.notes.append(Fault(line, self.name, value, what, cure, is_warning=True))


def read_feed(place: Path) -> dict[str, bytes]:
    """The feed's files by what they are: `businesses`, `inspections`, `violations`, `legend`, `feed_info`."""
    contents = {name.lower(): content for name, content in _contents(place)}
    found = {
        kind: contents[f"{kind}.csv"]
        for kind in ("businesses", "inspections", "violations", "feed_info")
        if f"{kind}.csv" in contents
    }
    legend = next((contents[name] for name in _LEGENDS if name in contents), None)
    if legend is not None:
        found["legend"] = legend
    missing = [f"{kind}.csv" for kind in ("businesses", "inspections") if kind not in found]
    if missing:
        raise LivesError(f"{place} 里没有 {'、'.join(missing)}；请给出 LIVES 数据所在的文件夹或 ZIP。")
    return found


def _contents(place: Path) -> Iterator[tuple[str, bytes]]:
    if place.is_dir():
        for path in sorted(place.iterdir()):
            if path.suffix.lower() == ".csv":
                yield path.name, path.read_bytes()
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            if sum(info.file_size for info in archive.infolist()) > LARGEST_BYTES:
                raise LivesError(f"{place.name} 解开后超过 500 MB；请检查文件。")
            for info in archive.infolist():
                if info.filename.lower().endswith(".csv"):
                    yield Path(info.filename).name, archive.read(info)
    else:
        raise LivesError(f"找不到 LIVES 数据 {place}；请给出文件夹或 ZIP。")


def read_file(name: str, content: bytes, required: Sequence[str], known: Sequence[str]) -> FeedFile:
    """Every row of one file; rows of another width are named, lines that are no UTF-8 are noted."""
    if not content.strip():
        raise LivesError(f"{name} 是空文件；至少要有表头。")
    if content.startswith(_WIDE):
        raise LivesError(f"{name} 是 UTF-16 编码；请另存为 UTF-8。")
    file = FeedFile(name, ())
    reader = csv.reader(_lines(file, content))
    header = tuple(cell.strip().lower().replace(" ", "_") for cell in next(reader))
    absent = [column for column in required if column not in header]
    if absent:
        raise LivesError(f"{name} 缺少列 {'、'.join(absent)}；第一行应是表头（{'、'.join(required)}…）。")
    file.columns = header
    unknown = [column for column in header if column not in known]
    if unknown:
        file.note(1, "、".join(unknown), "LIVES 没有的列，没有载入")
    try:
        _read_rows(file, ((reader.line_num, cells) for cells in reader), header)
    except csv.Error as error:
        raise LivesError(
            f"{name} 第 {reader.line_num} 行附近的引号或分隔有错（{error}）；请修正。"
        ) from error
    return file


def _read_rows(file: FeedFile, rows: Iterable[tuple[int, list[str]]], header: Sequence[str]) -> None:
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        file.total += 1
        if len(cells) != len(header):
            what = f"有 {len(cells)} 格，表头有 {len(header)} 列"
            file.name_row(line, cells[0], what, "可能断行、缺列或被截断")
            continue
        values = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        file.rows.append(FeedRow(line, values))


def _lines(file: FeedFile, content: bytes) -> Iterator[str]:
    for number, line in enumerate(content.removeprefix(_BOM).splitlines(keepends=True), start=1):
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            # Seen in the wild: È, Ê and É as single bytes of Windows-1252 among lines of UTF-8.
            text = line.decode("cp1252", errors="replace")
            odd = sorted({f"0x{byte:02X}" for byte in line if byte > 0x7F})
            file.note(number, text.strip(), f"不是 UTF-8（字节 {'、'.join(odd)}），按 Windows-1252 读出")
            yield text
