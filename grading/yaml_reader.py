"""The one reader of YAML: plain values with their lines, and no construct that can surprise."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import yaml

from grading.errors import Fault

Scalar: TypeAlias = bool | int | Decimal | str | date | None
MAX_CHARACTERS = 2_000_000
MAX_NODES = 200_000
MAX_DEPTH = 24
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INDENT = "检查这一行及上一行的缩进、冒号和引号"
# What the parser says, in Chinese, with the cure; the rest has one sentence for all.
TROUBLES = {
    "mapping values are not allowed": ("这里不能有冒号", "值里有冒号时加引号；检查这一行及上一行的缩进"),
    "did not find expected ',' or ']'": ("方括号里缺逗号，或没有收尾", "各项之间写逗号，末尾写 ]"),
    "did not find expected ',' or '}'": ("花括号里缺逗号，或没有收尾", "各键之间写逗号，末尾写 }"),
    "did not find expected '-' indicator": ("一列里有一行没有以 - 开头", _INDENT),
    "did not find expected key": ("缩进对不齐，或引号后面还有字", _INDENT),
    "could not find expected ':'": ("少了冒号", "写成“键: 值”，冒号后空一格；多行文字要缩进"),
    "found character that cannot start any token": (
        "有不能打头的字符（Tab、@、反引号、% 等）",
        "缩进用空格，不用 Tab；值以这些字符开头时加引号",
    ),
    "found unexpected end of stream": ("引号没有收尾", "补上后一个引号"),
    "found unknown escape character": ("双引号里的反斜杠后面不对", "改用单引号，或把反斜杠写两个"),
    "block sequence entries are not allowed": ("这里不能以 - 开头", "另起一行写 - ，并检查缩进"),
}
# What stands in the line, or the one before, whatever the parser says: the keyboard's other signs.
SIGNS = {
    r"(^|[{,])\s*(- )?[{]?\s*[A-Za-z_][\w-]*\s*：": (
        "键后面是全角冒号“：”", "改成半角的冒号，后面空一格，如 unit: visits"
    ),
    r"^ *\t": ("缩进用了 Tab", "改用空格"),
}  # fmt: skip
ANY_TROUBLE = ("看不懂它的写法", _INDENT)
_KEY_AND_VALUE = re.compile(r"([A-Za-z_][\w-]*)\s*：\s*(.*)")
_JOINED = re.compile(r"[A-Za-z_][\w-]*(，\s*[A-Za-z_][\w-]*)+")
_WORDS: dict[str, Scalar] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Node:
    """A value with the file and line where it stands."""

    value: "_Value"
    file: str
    line: int

    def plain(self) -> object:
        """Return the value without its lines: dict, tuple or scalar."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return tuple(node.plain() for node in self.value)
        return self.value


_Value: TypeAlias = "Scalar | list[Node] | dict[str, Node]"


class _StopError(Exception):
    """The file cannot be read on; its fault is already noted."""


class _Builder:
    """Builds nodes from parser events and notes faults by line."""

    def __init__(self, file: str, faults: list[Fault]) -> None:
        self.file = file
        self.faults = faults
        self.count = 0

    def fault(self, line: int, what: str, cure: str) -> None:
        self.faults.append(Fault(self.file, line, what, cure))

    def document(self, events: "_Events") -> Node | None:
        events.take(yaml.StreamStartEvent)
        if isinstance(events.peek(), yaml.StreamEndEvent):
            self.fault(1, "文件是空的", "按文档写入内容，或删除此文件")
            return None
        events.take(yaml.DocumentStartEvent)
        node = self.node(events, 0)
        events.take(yaml.DocumentEndEvent)
        end = events.peek()
        if not isinstance(end, yaml.StreamEndEvent):
            self.fault(_line(end), "一个文件里有多份文档（---）", "每份文档单独成一个文件")
        return node

    def node(self, events: "_Events", depth: int) -> Node:
        event = events.next()
        line = _line(event)
        self.count += 1
        if self.count > MAX_NODES or depth > MAX_DEPTH:
            self.fault(line, "内容过多或嵌套过深", f"最多 {MAX_NODES} 个值、{MAX_DEPTH} 层")
            raise _StopError
        if isinstance(event, yaml.AliasEvent):
            self.fault(line, f"用了别名 *{event.anchor}", "把内容直接写出来，不用 & 和 *")
            return Node(None, self.file, line)
        self._plain(event, line)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, line, depth, in_brackets=bool(event.flow_style))
        return self._mapping(events, line, depth)

    def _plain(self, event: yaml.Event, line: int) -> None:
        """Note anchors and tags, on keys as on values."""
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self.fault(line, f"用了锚点 &{event.anchor}", "把内容直接写出来，不用 & 和 *")
        if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
            self.fault(line, f"用了类型标签 {event.tag}", "去掉标签")

    def _sequence(self, events: "_Events", line: int, depth: int, *, in_brackets: bool) -> Node:
        items: list[Node] = []
        while not isinstance(events.peek(), yaml.SequenceEndEvent):
            is_plain = _is_plain(events.peek())
            item = self.node(events, depth + 1)
            if in_brackets and is_plain and isinstance(item.value, str) and _JOINED.fullmatch(item.value):
                self.fault(item.line, "用了全角逗号“，”", "各项之间写半角逗号，如 [a, b]")
                # Read on as it was meant, so that nothing is told that only follows from it.
                items += [Node(word.strip(), item.file, item.line) for word in item.value.split("，")]
            else:
                items.append(item)
        events.next()
        return Node(items, self.file, line)

    def _mapping(self, events: "_Events", line: int, depth: int) -> Node:
        entries: dict[str, Node] = {}
        while not isinstance(events.peek(), yaml.MappingEndEvent):
            key = events.next()
            if not isinstance(key, yaml.ScalarEvent):
                self.fault(_line(key), "键不是一个词", "键只写一个词或一个日期")
                raise _StopError
            self._plain(key, _line(key))
            value = self.node(events, depth + 1)
            name, said = self._parted(key, value)
            if name in entries:
                first = entries[name].line
                what = f"键“{name}”重复，第一次在第 {first} 行"
                self.fault(_line(key), what, "只留一处")
                continue
            entries[name] = Node(said, self.file, _line(key))
        events.next()
        return Node(entries, self.file, line)

    def _parted(self, key: yaml.ScalarEvent, value: Node) -> "tuple[str, _Value]":
        """Return a key and its value, also where the wrong colon joins the two into one word."""
        joined = _KEY_AND_VALUE.fullmatch(key.value)
        if joined is None or value.value is not None or not _is_plain(key):
            return key.value, value.value
        self.fault(_line(key), "键后面是全角冒号“：”", "改成半角的冒号，后面空一格，如 unit: visits")
        return joined.group(1), self._resolve(joined.group(2), _line(key))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Node:
        if event.style:
            return Node(event.value, self.file, line)
        return Node(self._resolve(event.value, line), self.file, line)

    def _resolve(self, text: str, line: int) -> Scalar:
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
        if _DATE.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                self.fault(line, f"没有这一天：{text}", "日期写成 2026-01-31 的样子")
        return text


class _Events:
    """Parser events with one event of foresight."""

    def __init__(self, text: str) -> None:
        self._events = yaml.parse(text, Loader=_LOADER)
        self._ahead: yaml.Event | None = None

    def peek(self) -> yaml.Event:
        if self._ahead is None:
            self._ahead = next(self._events)
        return self._ahead

    def next(self) -> yaml.Event:
        event = self.peek()
        self._ahead = None
        return event

    def take(self, kind: type[yaml.Event]) -> None:
        event = self.next()
        if not isinstance(event, kind):
            raise TypeError(f"the parser gives {kind.__name__} here")


def _is_plain(event: yaml.Event) -> bool:
    """Tell whether a word stands there without quotes."""
    return isinstance(event, yaml.ScalarEvent) and not event.style


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else mark.line + 1


def read_yaml(file: str, text: str) -> tuple[Node | None, list[Fault]]:
    """Return the document of a file, or None, and every fault of its writing."""
    faults: list[Fault] = []
    if len(text) > MAX_CHARACTERS:
        what = f"文件有 {len(text)} 个字符，超过上限 {MAX_CHARACTERS}"
        return None, [Fault(file, 1, what, "确认是不是放错了文件；必要时拆成几个文件")]
    try:
        return _Builder(file, faults).document(_Events(text)), faults
    except _StopError:
        return None, faults
    except yaml.MarkedYAMLError as error:
        return None, [*faults, _trouble(file, text, error)]
    except yaml.reader.ReaderError:
        # The parser tells the place in bytes or in characters, as it was built.
        found = _CONTROL.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found is not None else 1
        return None, [*faults, Fault(file, line, "有控制字符", "删去它；文件应为 UTF-8 文本")]


def _trouble(file: str, text: str, error: yaml.MarkedYAMLError) -> Fault:
    """Return what the parser stumbled over and, of what was opened before and not closed, where that was."""
    context, mark, opened = str(error.context), error.problem_mark, ""
    if error.context_mark is not None and mark is not None and error.context_mark.line != mark.line:
        if "quoted scalar" in context:
            mark = error.context_mark
        elif "flow" in context:
            opened = f"（在第 {error.context_mark.line + 1} 行打开的）"
    lines = text.splitlines()
    # An open quote has swallowed what stands there.
    for number in (mark.line, mark.line - 1) if mark is not None and "quoted scalar" not in context else ():
        for sign, (why, cure) in SIGNS.items():
            if 0 <= number < len(lines) and re.search(sign, lines[number]):
                return Fault(file, number + 1, f"不是合法的 YAML：{why}", cure)
    said = (words for trouble, words in TROUBLES.items() if str(error.problem).startswith(trouble))
    why, cure = next(said, ANY_TROUBLE)
    told = "".join((why, opened))
    return Fault(file, mark.line + 1 if mark is not None else 1, f"不是合法的 YAML：{told}", cure)
