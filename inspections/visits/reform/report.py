"""A preview as lines for a terminal, and as a workbook with every unit that would change."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import xlsxwriter

from inspections.rulebooks.show_text import columns, width
from inspections.visits.reform.preview import DIMENSIONS, KIND_NAMES, PURPOSE_NAMES, Aligned, Example, Preview
from inspections.visits.reform.span import KINDS

_SIDE = 56
_SHOWN = 15
HEADERS = ("门店码", "名称", "地址", "街道", "业态", "连锁", "什么会变", "现行", "草稿")


def heading(found: Preview) -> str:
    """What would replace what, from when."""
    draft = found.draft
    over = "，".join(f"{PURPOSE_NAMES[purpose]}原按{title}" for purpose, title in found.replaced)
    return f"若自 {found.on} 起改用《{draft.title_zh}》（{draft.scheme}，版本 {draft.digest[:12]}）：{over}。"


def summary(found: Preview) -> str:
    """How many units would change in which way, in one sentence."""
    parts = [f"{KIND_NAMES[kind]}会变 {found.total(kind)} 家" for kind in KINDS if found.total(kind)]
    said = "，".join(parts) or "没有单位会变"
    return f"当日经营的 {found.units} 家单位：{said}。什么也没有保存。"


def preview_lines(found: Preview) -> Iterator[str]:
    """The whole preview for a terminal."""
    yield heading(found)
    yield "结果按最近一次检查的答案重新建议；等级按已定的结果；红黑榜按最近一次随机查餐厅。"
    for kind in KINDS:
        if found.total(kind):
            yield ""
            yield f"【{KIND_NAMES[kind]}】{found.total(kind)} 家会变"
            yield from columns([(before, "→", after, str(n)) for before, after, n in found.of_kind(kind)])
    for dimension in DIMENSIONS:
        yield from _dimension(found, dimension)
    for example in found.examples:
        yield ""
        yield from _example(example)
    yield ""
    yield summary(found)


def _dimension(found: Preview, dimension: str) -> Iterator[str]:
    rows = found.by(dimension)
    if not rows:
        return
    yield ""
    rest = f"（前 {_SHOWN} 个，其余见表格）" if len(rows) > _SHOWN else ""
    yield f"【按{dimension}】{rest}"
    head = (dimension, *(KIND_NAMES[kind] for kind in KINDS))
    yield from columns([head, *((value, *map(str, counts)) for value, counts in rows[:_SHOWN])])


def _example(example: Example) -> Iterator[str]:
    yield (
        f"【{KIND_NAMES[example.kind]} {example.before} → {example.after}】{example.count} 家，"
        f"如 {example.place.code} {example.place.name}"
    )
    yield from _beside(Aligned("现行", "草稿"))
    for line in example.lines:
        yield from _beside(line)


def _beside(line: Aligned) -> Iterator[str]:
    """One line of two derivations in two columns; a mark between them where they differ."""
    mark = " │ " if line.same else " ┃ "
    left, right = (list(_cut(text)) or [""] for text in (line.before, line.after))
    size = max(len(left), len(right))
    for one, two in zip(_filled(left, size), _filled(right, size), strict=True):
        yield f"  {one}{' ' * (_SIDE - width(one))}{mark}{two}".rstrip()


def _filled(rows: Sequence[str], size: int) -> list[str]:
    return [*rows, *[""] * (size - len(rows))]


def _cut(text: str) -> Iterator[str]:
    """The text in pieces that fit one side; Chinese may break anywhere."""
    piece = ""
    for letter in text:
        if width(piece + letter) > _SIDE:
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece


def write_workbook(path: Path, found: Preview) -> None:
    """Write the preview as a workbook: counts, every unit, by type, street and chain, and the examples."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    bold = book.add_format({"bold": True, "bg_color": "#EEEEEE"})

    def sheet(title: str, headers: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
        page = book.add_worksheet(title)
        page.freeze_panes(1, 0)
        page.set_column(0, len(headers) - 1, 22)
        page.write_row(0, 0, headers, bold)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                # Told what it is, a cell is written in half the time.
                (page.write_string if isinstance(value, str) else page.write_number)(number, place, value)

    counts = [(KIND_NAMES[kind], *row) for kind in KINDS for row in found.of_kind(kind)]
    about = [(heading(found), "", "", ""), (summary(found), "", "", "")]
    sheet("概要", ("什么会变", "现行", "草稿", "家数"), iter([*counts, *about]))
    sheet("单位", HEADERS, _unit_rows(found))
    for dimension in DIMENSIONS:
        head = (dimension, *(KIND_NAMES[kind] for kind in KINDS))
        sheet(f"按{dimension}", head, ((value, *numbers) for value, numbers in found.by(dimension)))
    sheet("举例", ("变化", "单位", "现行的推导", "草稿的推导"), _example_rows(found))
    book.close()


def _unit_rows(found: Preview) -> Iterator[Sequence[str]]:
    for one in found.changes:
        place = one.place
        yield (
            *(place.code, place.name, place.address, place.street, one.unit_type, place.chain),
            *(KIND_NAMES[one.kind], one.before, one.after),
        )


def _example_rows(found: Preview) -> Iterator[Sequence[str]]:
    for example in found.examples:
        what = f"{KIND_NAMES[example.kind]} {example.before} → {example.after}"
        for line in example.lines:
            yield what, f"{example.place.code} {example.place.name}", line.before, line.after
