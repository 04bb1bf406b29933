"""Checklists: their items in order, and a visit's answers packed as one letter per item."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from grading import shapes
from grading.bundles import bundle, digest, layers
from grading.errors import AnswersError, Fault, RulebookError
from grading.fields import Faults, Fields, each
from grading.vocabulary import FAILED, LETTERS, Answer
from grading.yaml_reader import Node, read_yaml

MARKS = ("key", "general", "veto", "")
MARKS_ZH = {"key": "重点项", "general": "一般项", "veto": "否决项", "": "检查项"}
_CORRECTED = re.compile(r"\s*\[\s*date violation corrected:[^\]]*\]\s*$", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Item:
    """One line of a checklist."""

    code: str
    section: str
    mark: str
    text: str
    text_en: str = ""
    alt: str = ""
    legal_basis: str = ""
    provisional: bool = False
    applies_to: tuple[str, ...] = ()
    published: str = ""
    """The wording by which a feed names this item."""


@dataclass(frozen=True)
class Checklist:
    """A printed table of items; its answers never change meaning, so it is never edited."""

    id: str
    title_zh: str
    title_en: str
    status: str
    notes: str
    items: tuple[Item, ...]
    digest: str
    words_faults: bool = False
    """Whether its items word what was found wrong, and not what is required."""

    @cached_property
    def position(self) -> dict[str, int]:
        """Return each item's place by its code."""
        return {item.code: place for place, item in enumerate(self.items)}

    @cached_property
    def _codes_by_text(self) -> dict[str, str]:
        return {_folded(item.published): item.code for item in self.items}

    def verify(self, answers: str) -> None:
        """Refuse answers of the wrong length or with a letter that means nothing."""
        if len(answers) != len(self.items):
            raise AnswersError(
                f"检查表 {self.id} 有 {len(self.items)} 项，收到 {len(answers)} 个答案：按检查表逐项填写"
            )
        if answers.strip(LETTERS):
            place = next(n for n, letter in enumerate(answers) if letter not in LETTERS)
            raise AnswersError(
                f"检查表 {self.id} 第 {self.items[place].code} 项的答案“{answers[place]}”不认识："
                f"只能是 {'、'.join(LETTERS)}"
            )

    def pack(self, answers: Mapping[str, str], default: str = "-") -> str:
        """Return answers by item code as one packed text; items not named get the default."""
        for code in answers:
            if code not in self.position:
                raise AnswersError(f"检查表 {self.id} 没有第 {code} 项：核对项目编号和检查表版本")
        packed = "".join(str(answers.get(item.code, default)) for item in self.items)
        self.verify(packed)
        return packed

    def failed(self, answers: str) -> list[tuple[Item, Answer]]:
        """Return the items that were found not to conform, in checklist order."""
        if not any(letter in answers for letter in FAILED):
            return []
        rows = zip(self.items, answers, strict=True)
        return [(item, Answer(letter)) for item, letter in rows if letter in FAILED]

    def is_provisional(self, answers: str) -> bool:
        """Tell whether any answer was given to an item that stands in for a text nobody has seen."""
        places = self.provisional_places
        return bool(places) and any(answers[place] not in "N-" for place in places)

    @cached_property
    def provisional_places(self) -> tuple[int, ...]:
        """Return the places of items that stand in for a text nobody has seen yet."""
        return tuple(place for place, item in enumerate(self.items) if item.provisional)


def read_checklist(text: str) -> Checklist:
    """Return the checklist of a canonical text, or raise with every fault in it."""
    files = layers(text)[-1].files
    faults = Faults()
    nodes: list[Node] = []
    for name, content in files.items():
        node, found = read_yaml(name, content)
        faults.rows.extend(found)
        if node is not None:
            nodes.append(node)
    if faults.rows or len(nodes) != 1:
        raise RulebookError(faults.rows or [_not_one_file(files)])
    checklist = _read(nodes[0], faults, digest(text))
    if faults.rows:
        raise RulebookError(faults.rows)
    return checklist


def checklist_text(file: str, content: str) -> str:
    """Return the canonical text of a checklist that stands in one file."""
    return bundle({file: content})


def finding_code(checklist: Checklist, description: str) -> str | None:
    """Return the code of the item with this wording, or None when the checklist has none."""
    return checklist._codes_by_text.get(_folded(bare_description(description)))


def bare_description(text: str) -> str:
    """Return a finding's wording without the note on when it was corrected."""
    return _SPACES.sub(" ", _CORRECTED.sub("", text)).strip()


def _folded(text: str) -> str:
    return _SPACES.sub(" ", text).strip().casefold()


def _not_one_file(files: Mapping[str, str]) -> Fault:
    return Fault("(全文)", 1, f"检查表应是一个文件，收到 {len(files)} 个", "每个检查表单独成一个文件")


def _read(node: Node, faults: Faults, sha: str) -> Checklist:
    top = Fields(node, "检查表", faults, shapes.CHECKLIST_FILE)
    head = Fields(top.need("checklist") or node, "checklist", faults, shapes.CHECKLIST)
    items = each(top.need("items"), faults, "“items”", lambda row: _item(row, faults))
    seen: set[str] = set()
    for item, row in zip(items, _rows(top), strict=False):
        if item.code in seen:
            faults.add(row, f"项目编号“{item.code}”重复", "每个编号只用一次")
        seen.add(item.code)
    if not items:
        faults.add(node, "检查表没有项目", "在 items 下逐项列出")
    return Checklist(
        id=head.text("id"),
        title_zh=head.text("title_zh"),
        title_en=head.text("title_en", ""),
        status=head.text("status", ""),
        notes=head.text("notes", ""),
        items=items,
        digest=sha,
        words_faults=head.flag("words_faults"),
    )


def _rows(top: Fields) -> list[Node]:
    node = top.get("items")
    return node.value if node is not None and isinstance(node.value, list) else []


def _item(row: Node, faults: Faults) -> Item:
    read = Fields(row, "项目", faults, shapes.ITEM)
    code_node = read.need("code")
    mark = read.text("mark", "")
    if mark not in MARKS:
        faults.add(row, f"项目类别“{mark}”不认识", "写 key（重点项）、general（一般项）或 veto（否决项）")
    return Item(
        code="" if code_node is None else str(code_node.value),
        section=read.text("section", ""),
        mark=mark,
        text=read.text("text", ""),
        text_en=read.text("text_en", ""),
        alt=read.text("alt", ""),
        legal_basis=read.text("basis", ""),
        provisional=read.flag("provisional"),
        applies_to=read.words("applies_to"),
        published=read.text("published", read.text("text_en", "")),
    )
