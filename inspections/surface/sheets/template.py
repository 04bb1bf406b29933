"""The empty workbook that a bureau fills in: headers, allowed values, what each column means."""

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from inspections.surface.sheets.columns import Column

_ROWS_WITH_CHOICES = 5000
# The limits of the format itself.
_LONGEST_TITLE, _LONGEST_MESSAGE = 32, 255


def write_template(
    path: Path,
    columns: Sequence[Column],
    *,
    title: str,
    guidance: Sequence[str],
    extra_headers: Sequence[tuple[str, str, Sequence[str]]] = (),
) -> None:
    """Write the template; `extra_headers` are further columns: header, note, allowed values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet, lists, help_sheet = (book.add_worksheet(name) for name in (title, "允许的值", "说明"))
    required = book.add_format({"bold": True, "bg_color": "#E3EEF1", "text_wrap": True})
    optional = book.add_format({"bold": True, "bg_color": "#F4F4F4", "text_wrap": True})
    as_text = book.add_format({"num_format": "@"})
    described = [(c.header, c.note, c.choices, c.required, c.width, c.is_list) for c in columns]
    described += [(header, note, tuple(values), False, 10, False) for header, note, values in extra_headers]
    for place, (header, note, choices, is_required, width, is_list) in enumerate(described):
        # Text format keeps long numbers whole and dates as they are typed.
        sheet.set_column(place, place, width, as_text)
        sheet.write_string(0, place, header, required if is_required else optional)
        described_as = [header, "必填" if is_required else "可空", note, "、".join(choices)]
        help_sheet.write_row(place + len(guidance) + 2, 0, described_as)
        if choices and not is_list:
            for line, word in enumerate([header, *choices]):
                lists.write_string(line, place, word)
            column = _letters(place)
            source = f"='允许的值'!${column}$2:${column}${len(choices) + 1}"
            rule = {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True}
            if note:
                # Said beside the cell that is being filled in.
                rule |= {"input_title": header[:_LONGEST_TITLE], "input_message": note[:_LONGEST_MESSAGE]}
            sheet.data_validation(1, place, _ROWS_WITH_CHOICES, place, rule)
    sheet.freeze_panes(1, 0)
    for line, sentence in enumerate(guidance):
        help_sheet.write_string(line, 0, sentence)
    help_sheet.write_row(len(guidance) + 1, 0, ["列", "是否必填", "说明", "允许的值"], required)
    help_sheet.set_column(0, 0, 22)
    help_sheet.set_column(2, 3, 60)
    book.close()


def _letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
