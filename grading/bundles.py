"""A rulebook or checklist as one canonical text: layers of named files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from grading.canonical import digest as digest
from grading.errors import Fault, RulebookError
from grading.yaml_reader import read_yaml

_FORM = "layers-1"


@dataclass(frozen=True)
class Layer:
    """Files that were written together; a later layer says what it changes of the ones before."""

    name: str
    files: Mapping[str, str]


def bundle(files: Mapping[str, str], name: str = "") -> str:
    """Return the canonical text of files by name, the base layer."""
    return _text((Layer(name, files),))


def overlay(base_text: str, files: Mapping[str, str], name: str) -> str:
    """Return the canonical text of a base with one more layer above it."""
    return _text((*layers(base_text), Layer(name, files)))


def layers(text: str) -> tuple[Layer, ...]:
    """Return the layers of a canonical text, the base first."""
    try:
        content = json.loads(text)
        form = content["form"]
        rows = tuple(Layer(str(row["name"]), dict(row["files"])) for row in content["layers"])
    except (ValueError, KeyError, TypeError) as error:
        raise _not_canonical() from error
    if form != _FORM:
        raise _not_canonical()
    return rows


def _not_canonical() -> RulebookError:
    return RulebookError([Fault("(全文)", 1, "不是规则文本的规范形式", "用 bundle() 由各文件重新生成")])


def base_of(files: Mapping[str, str]) -> str | None:
    """Return the scheme that these files overlay, or None when they stand alone."""
    for name, text in sorted(files.items()):
        node, _ = read_yaml(name, text)
        if node is None or not isinstance(node.value, dict) or "scheme" not in node.value:
            continue
        header = node.value["scheme"].value
        if isinstance(header, dict) and "overlay_of" in header:
            base = header["overlay_of"].value
            return base if isinstance(base, str) else None
    return None


def _text(rows: tuple[Layer, ...]) -> str:
    content = {
        "form": _FORM,
        "layers": [{"name": row.name, "files": {k: _tidy(v) for k, v in row.files.items()}} for row in rows],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _tidy(text: str) -> str:
    """Return the text with Unix line ends, no byte order mark and one newline at its end."""
    unix = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unix.rstrip("\n") + "\n"
