"""CSV as people really save it: encodings, separators, stray quotes, a file cut in the middle."""

import csv
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from charset_normalizer import from_bytes

from inspections.surface.sheets.faults import Fault, SheetError

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = ",\t;"
csv.field_size_limit(1_000_000)


@dataclass
class Delimited:
    """A CSV's text with what was found on the way; `notes` grow while `records` are consumed."""

    text: str
    encoding: str
    separator: str
    notes: list[Fault] = field(default_factory=list)
    cut_line: int | None = None

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Line number of each record's first line, and its cells."""
        lines = self.text.split("\n")
        start = 0
        while start < len(lines):
            resume = yield from self._records_from(lines, start)
            if resume is None:
                return
            start = resume

    def _records_from(
        self, lines: list[str], start: int
    ) -> Generator[tuple[int, list[str]], None, int | None]:
        counted = _Counted(lines, start)
        reader = csv.reader(counted, delimiter=self.separator, strict=True)
        first = start
        while True:
            first = counted.position
            try:
                cells = next(reader)
            except StopIteration:
                return None
            except csv.Error:
                # Without a rewind an unclosed quote would swallow every good row after it.
                at_end = counted.position >= len(lines)
                shown = lines[first].strip()[:40]
                what = "引号没有配对，或文件在这里断开" if at_end else "引号的位置不对"
                self.notes.append(Fault(first + 1, "", shown, what, "请改正这一行的引号后重新导入"))
                return first + 1
            if cells:
                yield first + 1, cells


class _Counted:
    """Lines one by one, remembering how far the reader has come."""

    def __init__(self, lines: list[str], start: int) -> None:
        self._lines = lines
        self.position = start

    def __iter__(self) -> "_Counted":
        return self

    def __next__(self) -> str:
        if self.position >= len(self._lines):
            raise StopIteration
        line = self._lines[self.position]
        self.position += 1
        # Only the line's own end tells the reader that a quoted cell goes on.
        return line + "\n" if self.position < len(self._lines) else line


def read_delimited(content: bytes) -> Delimited:
    """Decode a CSV file strictly and find its separator."""
    text, encoding, cut = _decode(content)
    if "\x00" in text:
        raise SheetError("文件里有空字节，不是 CSV 文本；请用表格软件另存为 CSV（UTF-8）或 XLSX。")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head = text[:4000].split("\n", 12)[:12]
    separator = max(_SEPARATORS, key=lambda mark: sum(line.count(mark) for line in head))
    found = Delimited(text, encoding, separator)
    if cut:
        last = text.count("\n") + 1
        found.cut_line = last
        found.notes.append(
            Fault(last, "", "", "文件在一个字的中间断开", "请重新取得完整的文件；断开处以前的行照常导入")
        )
    return found


def _decode(content: bytes) -> tuple[str, str, bool]:
    if content.startswith(_UTF16):
        try:
            return content.decode("utf-16"), "UTF-16", False
        except UnicodeDecodeError:
            return content[: len(content) // 2 * 2].decode("utf-16", errors="ignore"), "UTF-16", True
    name = "UTF-8（带 BOM）" if content.startswith(b"\xef\xbb\xbf") else "UTF-8"
    try:
        return content.decode("utf-8-sig"), name, False
    except UnicodeDecodeError as error:
        if _only_cut(error, content):
            return content[: error.start].decode("utf-8-sig"), name, True
        first_wrong = error.start
    try:
        return content.decode("gb18030"), "GB18030", False
    except UnicodeDecodeError as error:
        if _only_cut(error, content):
            return content[: error.start].decode("gb18030"), "GB18030", True
    guess = from_bytes(content[:100_000]).best()
    hint = f"（看起来像 {guess.encoding}）" if guess is not None else ""
    line = content.count(b"\n", 0, first_wrong) + 1
    raise SheetError(
        f"文件的文字编码认不出来{hint}：第 {line} 行起既不是 UTF-8 也不是 GB18030；"
        "请用表格软件另存为 CSV（UTF-8）或 XLSX 后再导入。"
    )


def _only_cut(error: UnicodeDecodeError, content: bytes) -> bool:
    return error.start >= len(content) - 3 and any(byte > 127 for byte in content[: error.start])


def is_blank(cells: list[str]) -> bool:
    """Whether a record holds nothing but empty cells."""
    return not any(cell.strip() for cell in cells)
