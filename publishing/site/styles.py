"""The style sheets that pages carry inside them: read once, made small, and named by their hash."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CSS_FOLDER = Path(__file__).resolve().parents[2] / "static" / "css"
BUNDLES = {
    "storefront": ("tokens", "public", "storefront"),
    "edition": ("tokens", "public", "lists", "notice"),
    "home": ("tokens", "public", "lists", "search", "home"),
    "search": ("tokens", "public", "search"),
    "text": ("tokens", "public", "text"),
    "draw": ("tokens", "public", "text", "draw"),
}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([{};,>~])\s*")
_TOKEN = re.compile(r"(--[\w-]+):[^;{}]*(;|(?=}))")
_AFTER_COLON = re.compile(r"(?<=[\w-]):\s+")


@dataclass(frozen=True)
class Style:
    """A style sheet as it stands in a page, and the hash by which the policy allows it."""

    text: str
    source_hash: str


def small(css: str) -> str:
    """The same style sheet without comments and needless space; `calc()` keeps the spaces it needs."""
    css = _SPACE.sub(" ", _COMMENT.sub("", css))
    css = _AFTER_COLON.sub(":", _AROUND.sub(r"\1", css))
    return css.replace(";}", "}").strip()


def without_unused_tokens(css: str) -> str:
    """A small style sheet without the tokens that only other surfaces use."""

    def keep(found: re.Match[str]) -> str:
        return found.group() if f"var({found.group(1)})" in css else ""

    return _TOKEN.sub(keep, css)


@cache
def style(bundle: str) -> Style:
    """The style sheet of one kind of page."""
    sheets = [(CSS_FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in BUNDLES[bundle]]
    text = without_unused_tokens(small("".join(sheets)))
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Style(text=text, source_hash=f"sha256-{digest}")


def style_hashes() -> tuple[str, ...]:
    """The hashes of every style sheet that a public page carries."""
    return tuple(style(bundle).source_hash for bundle in BUNDLES)
