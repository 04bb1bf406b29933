"""The template environment of the public pages: strict, escaped, compiled once, no needless space."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension

from inspections.record.errors import HouseError
from publishing.site.labels import LABELS
from publishing.site.words import FORMATTERS, both

TEMPLATE_FOLDER = Path(__file__).resolve().parents[2] / "templates"

_LABEL = re.compile(r"\[\[(\w+)\]\]")
_LINE_BREAK = re.compile(r"[^\S\n]*\n\s*")


class TemplateError(HouseError):
    """A template names a fixed text that does not exist."""


def without_line_breaks(source: str) -> str:
    """Join a template's lines: nothing between tags, one space inside running text."""

    def join(found: re.Match[str]) -> str:
        before, after = source[: found.start()][-1:], source[found.end() :][:1]
        return "" if before in ">}" or after in "<{" else " "

    return _LINE_BREAK.sub(join, source)


class FixedTexts(Extension):
    """Puts both languages of `[[key]]` into the template's own text, so that rendering costs nothing."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template's source with its fixed texts, in one line."""

        def put(found: re.Match[str]) -> str:
            key = found.group(1)
            if key not in LABELS:
                raise TemplateError(
                    f"模板 {filename or name} 用了没有定义的文字 {key}；请在 labels.py 中补上。"
                )
            return str(both(LABELS[key].zh, LABELS[key].en))

        return _LABEL.sub(put, without_line_breaks(source))


def open_environment() -> Environment:
    """A fresh environment; a name that a template does not get is an error, never an empty place."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[FixedTexts],
        auto_reload=False,
    )
    environment.filters.update(FORMATTERS)
    environment.globals.update(labels=LABELS)
    return environment
