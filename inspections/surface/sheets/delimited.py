"""CSV as people really save it: encodings, separators, stray quotes, a file cut in the middle."""

import csv
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from charset_normalizer import from_bytes

from inspections.surface.sheets.faults import Fault, SheetError

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = ",\t;|"
_HEAD_LINES = 15
_LONGEST_CELL = 1_000_000
_CUT = "文件在这里断开：断开处以前的行照常导入"


@dataclass
class Delimited:
    """A CSV's text with what was found on the way; `notes` and `broken` grow while records are read.

    `broken` names, by line, records whose quotes do not pair; they come as records split plainly.
    """

    text: str
    encoding: str
    separator: str = ","
    notes: list[Fault] = field(default_factory=list)
    broken: dict[int, Fault] = field(default_factory=dict)
    cut_line: int | None = None

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Line number of each record's first line, and its cells."""
        start: int | None = 0
        while start is not None:
            start = yield from self._records_from(start)

    def _records_from(self, start: int) -> Generator[tuple[int, list[str]], None, int | None]:
        # A reader of lines with their ends, as only these tell that a quoted cell goes on.
        lines = islice(io.StringIO(self.text, newline="\n"), start, None)
        reader = csv.reader(lines, delimiter=self.separator, strict=True)
        line = start + 1
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = start + reader.line_num + 1
        except csv.Error as error:
            # Without a rewind an unclosed quote would swallow every good row after it.
            at_end = "end of data" in str(error)
            written = next(islice(io.StringIO(self.text, newline="\n"), line - 1, None)).strip()
            what = "引号没有配对，或文件在这里断开" if at_end else "引号的位置不对"
            self.broken[line] = Fault(line, "", written[:200], what, "请改正这一行的引号后重新导入")
            yield line, written.replace('"', "").split(self.separator)
            return line
        return None


def read_delimited(content: bytes, score: Callable[[list[list[str]]], int]) -> Delimited:
    """Decode a CSV file strictly; its separator is the one by which `score` knows most headers."""
    csv.field_size_limit(_LONGEST_CELL)
    text, encoding, cut = _decode(content)
    if "\x00" in text:
        raise SheetError(
            "文件里有空字节，不是 CSV 文本（或是没有标记的 UTF-16）；请用表格软件另存为 CSV（UTF-8）或 XLSX。"
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = Delimited(text, encoding)
    head = "\n".join(text[:20_000].split("\n", _HEAD_LINES)[:_HEAD_LINES])
    found.separator = max(_SEPARATORS, key=lambda mark: score(_head_records(head, mark)))
    last = text.count("\n") + 1
    if cut:
        found.cut_line = last
        found.notes.append(Fault(last, "", "", "文件在一个字的中间断开", _CUT))
    elif not text.endswith("\n"):
        what, cure = "文件末尾没有换行", "请核对最后一行是否完整"
        found.notes.append(Fault(last, "", "", what, cure, is_warning=True))
    return found


def _head_records(head: str, separator: str) -> list[list[str]]:
    return [cells for _, cells in Delimited(head, "", separator).records()]


def _decode(content: bytes) -> tuple[str, str, bool]:
    if content.startswith(_UTF16):
        return _decode_utf16(content)
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


def _decode_utf16(content: bytes) -> tuple[str, str, bool]:
    try:
        return content.decode("utf-16"), "UTF-16", False
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 3:
            return content[: error.start].decode("utf-16"), "UTF-16", True
    raise SheetError("文件的 UTF-16 文字有损坏；请用表格软件另存为 CSV（UTF-8）或 XLSX 后再导入。")


def _only_cut(error: UnicodeDecodeError, content: bytes) -> bool:
    return error.start >= len(content) - 3 and any(byte > 127 for byte in content[: error.start])


def is_blank(cells: Sequence[str]) -> bool:
    """Whether a record holds nothing but empty cells."""
    return not any(cell.strip() for cell in cells)
