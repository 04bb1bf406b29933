"""Whether a cell's value has the shape its form demands, with the cure for each fault."""

import itertools
from collections.abc import Callable, Mapping
from decimal import Decimal

from grading import shapes
from grading.cells import Form
from grading.fields import Faults, Fields, shown
from grading.operations.tables import LIMITS, TESTS, within
from grading.scales import Scale
from grading.yaml_reader import Node

KINDS = ("number", "range", "word", "words", "table", "bands", "rules")


def read_form(node: Node, scales: Mapping[str, Scale], faults: Faults) -> Form:
    """Return the form that a cell declares."""
    read = Fields(node, "form", faults, shapes.FORM)
    kind = read.text("kind")
    if kind and kind not in KINDS:
        faults.add(node, f"form 的 kind “{kind}”不认识", f"可用：{'、'.join(KINDS)}")
    scale = read.text("scale", "")
    words = read.words("words")
    if scale and scale not in scales:
        faults.lacking(node, scale, f"没有声明等级序列“{scale}”", f"可用：{'、'.join(scales) or '（无）'}")
    elif scale:
        words = scales[scale].words
    inner = read.get("of")
    step = read.get("step")
    keys, keys_label, keys_scale = _keys(read, scales)
    if kind == "table" and inner is None:
        faults.add(node, "表缺少 of", "写明每一格的形式，如 of: {kind: number}")
    return Form(
        kind=kind,
        scale=scale,
        words=words,
        keys=keys,
        keys_label=keys_label,
        keys_scale=keys_scale,
        of=read_form(inner, scales, faults) if inner is not None else None,
        step=step.value if step is not None else None,
        inputs=read.words("inputs"),
        whole=read.flag("whole"),
        limits=_number_limits(read),
    )


def _number_limits(read: Fields) -> Mapping[str, object]:
    """Return within which limits a number must lie, where the form says so."""
    found: dict[str, object] = {}
    for word in LIMITS:
        node = read.get(word)
        if node is not None and is_number(node.value):
            found[word] = node.value
        elif node is not None:
            read.faults.add(node, f"form 的 {word} 不是数", "写整数或小数")
    return found


def _keys(read: Fields, scales: Mapping[str, Scale]) -> tuple[tuple[str, ...], str, str]:
    node = read.get("keys")
    if node is None:
        return (), read.text("keys_label", "编号"), ""
    if isinstance(node.value, list):
        return read.words("keys"), "", ""
    name = str(node.value)
    if name not in scales:
        cure = "keys 写一个已声明的序列，或列出各键"
        read.faults.lacking(node, name, f"没有声明等级序列“{name}”", cure)
        return (), "", ""
    return tuple(level.id for level in scales[name].levels), "", name


def check_value(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    """Note every fault of a value; null stands for unknown and always fits."""
    if node.value is None:
        return
    check = _CHECKS.get(form.kind)
    if check is not None:
        check(node, form, faults, what, form.step if form.step is not None else step)


def _number(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    if not is_number(node.value):
        faults.add(node, f"{what}应是一个数，写的是“{shown(node.value)}”", "写整数或小数，未知写 null")
    else:
        _inside(node, form, faults, what)


def _inside(node: Node, form: Form, faults: Faults, what: str) -> None:
    whole = isinstance(node.value, int) or not form.whole
    if not (whole and within(node.value, form.limits)):
        faults.add(node, f"{what}是 {shown(node.value)}，超出允许的范围", f"应是{form.shape()}")


def _range(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    rows = node.value if isinstance(node.value, list) else []
    values = [row.value for row in rows]
    if len(values) != 2 or not all(value is None or is_number(value) for value in values):
        faults.add(node, f"{what}应是两个数 [最少, 最多]", "写成 [1, 2]，两头相同写 [1, 1]")
    elif None not in values and _number_of(values[0]) > _number_of(values[1]):
        faults.add(node, f"{what}的最少大于最多", "把两个数对调")
    else:
        for row in rows:
            if row.value is not None:
                _inside(row, form, faults, what)


def _word(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    # Of a sequence that is not declared, that has been told already.
    if str(node.value) not in form.words and not (form.scale and not form.words):
        cure = f"可用：{'、'.join(form.words)}，未知写 null"
        faults.add(node, f"{what}的词“{shown(node.value)}”不在可用之列", cure)


def _words(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    if not isinstance(node.value, list):
        faults.add(node, f"{what}应是一列词", "每行一项，以 - 开头；没有写 []")
        return
    for row in node.value:
        if isinstance(row.value, (list, dict)) or row.value is None:
            faults.add(row, f"{what}里有一项不是词", "每项写一个词或编号")
        elif form.words and str(row.value) not in form.words:
            faults.add(row, f"{what}的词“{row.value}”不在可用之列", f"可用：{'、'.join(form.words)}")


def _table(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    if not isinstance(node.value, dict):
        faults.add(node, f"{what}应是表（键: 值）", f"写成 {form.shape()}")
        return
    for key, value in node.value.items():
        if form.keys and key not in form.keys:
            faults.add(value, f"{what}里没有“{key}”这一格", f"可用：{'、'.join(form.keys)}")
        elif form.of is not None:
            check_value(value, form.of, faults, f"{what}的“{key}”", step)
    absent = [key for key in form.keys if key not in node.value]
    if absent:
        cure = "补上；未知的写 null，不要省略"
        faults.add(node, f"{what}缺少 {'、'.join(absent)}", cure)


def _bands(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    rows = node.value if isinstance(node.value, list) else []
    if not rows:
        faults.add(node, f"{what}应是一列分段", "每行写 {from: 0, to: 15, is: …}")
        return
    before = len(faults.rows)
    for row in rows:
        _band(row, form, faults, what, step)
    if len(faults.rows) == before:
        _touching(rows, faults, what, step)


def _band(row: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    read = Fields(row, f"{what}的分段", faults, shapes.BAND)
    result = read.entries.get("is")
    if isinstance(row.value, dict) and result is None:
        faults.add(row, f"{what}的分段缺少 is", "写明这一段是什么，未知写 is: null")
    elif result is not None:
        _band_result(result, form, faults, what, step)
    for limit in LIMITS:
        value = read.entries.get(limit)
        if value is not None and value.value is not None and not is_number(value.value):
            faults.add(value, f"{what}的 {limit} 不是数", "写整数或小数")
    for closed, open_ in (("from", "above"), ("to", "below")):
        if closed in read.entries and open_ in read.entries:
            cure = f"{closed} 含本数，{open_} 不含，只留一个"
            faults.add(row, f"{what}的一段既有 {closed} 又有 {open_}", cure)


def _band_result(result: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    if form.of is not None:
        check_value(result, form.of, faults, f"{what}的 is", step)
    elif result.value is not None:
        _word(result, form, faults, f"{what}的 is", step)


def _touching(rows: list[Node], faults: Faults, what: str, step: object) -> None:
    """Note gaps and overlaps between neighbouring bands over the declared step."""
    bands = [(row, _limits(row)) for row in rows]
    if any(None in limits.values() for _, limits in bands):
        return
    if len(bands) > 1 and _low(bands[0][1]) > _low(bands[-1][1]):
        bands.reverse()
    for (_, lower), (row, upper) in itertools.pairwise(bands):
        if not ({"to", "below"} & set(lower)) or not ({"from", "above"} & set(upper)):
            faults.add(row, f"{what}的分段中间没有写界限", "只有最低段可不写下限、最高段可不写上限")
            continue
        _joint(row, lower, upper, faults, what, step)
    for row, limits in bands:
        if _low(limits) > _high(limits):
            faults.add(row, f"{what}的一段下限大于上限", "核对这一段的两个数")


def _joint(
    row: Node,
    lower: Mapping[str, object],
    upper: Mapping[str, object],
    faults: Faults,
    what: str,
    step: object,
) -> None:
    end, start = _high(lower), _low(upper)
    closed = ("to" in lower) + ("from" in upper)
    unit = Decimal(step) if isinstance(step, (int, Decimal)) else Decimal(0)
    touches = {2: start - end == unit and unit > 0, 1: start == end, 0: False}[closed]
    if touches:
        return
    kind = "空缺" if start > end or (closed == 0 and start == end) else "重叠"
    cure = f"让上一段的末尾与下一段的开头相接（分值间隔 {unit:f}）" if unit else "让两段首尾相接"
    said = f"{what}的分段在 {end:f} 与 {start:f} 之间有{kind}"
    # The interval of the scheme may stand in a file that could not be read.
    faults.lacking(row, "" if unit else "step", said, cure)


def _limits(row: Node) -> dict[str, object]:
    value = row.value if isinstance(row.value, dict) else {}
    return {word: value[word].value for word in LIMITS if word in value}


def _low(limits: Mapping[str, object]) -> Decimal:
    return _number_of(limits.get("from", limits.get("above", Decimal("-Infinity"))))


def _high(limits: Mapping[str, object]) -> Decimal:
    return _number_of(limits.get("to", limits.get("below", Decimal("Infinity"))))


def _rules(node: Node, form: Form, faults: Faults, what: str, step: object) -> None:
    rows = node.value if isinstance(node.value, list) else []
    if not rows:
        faults.add(node, f"{what}应是一列判定行", "每行写 {is: …, when: {…}}")
    for place, row in enumerate(rows):
        read = Fields(row, f"{what}的判定行", faults, shapes.RULE)
        result, when = read.entries.get("is"), read.get("when")
        if result is None and read.get("undetermined") is None and isinstance(row.value, dict):
            faults.add(row, f"{what}的判定行缺少 is", "写 is: 词；没有定论写 undetermined: 原因")
        elif result is not None:
            _band_result(result, form, faults, what, step)
        if when is not None:
            _condition(when, form, faults, what)
        elif place < len(rows) - 1:
            faults.add(row, f"{what}里没有 when 的行不在最后", "它之后的行永远用不到：移到最后")


def _condition(node: Node, form: Form, faults: Faults, what: str) -> None:
    if not isinstance(node.value, dict):
        faults.add(node, f"{what}的 when 应是键和值", "写成 {key_failed: {from: 2}}")
        return
    for key, test in node.value.items():
        if key in ("any", "all"):
            for part in test.value if isinstance(test.value, list) else []:
                _condition(part, form, faults, what)
            if not isinstance(test.value, list):
                faults.add(test, f"{what}的 {key} 应是列表", "每个条件一行，以 - 开头")
        elif key not in form.inputs:
            cure = f"可用：{'、'.join(form.inputs) or '（form.inputs 是空的）'}"
            faults.add(test, f"{what}的条件用了“{key}”", cure)
        else:
            _test(test, faults, what)


def _test(test: Node, faults: Faults, what: str) -> None:
    if not isinstance(test.value, dict):
        return
    for key, limit in test.value.items():
        if key not in TESTS:
            faults.add(limit, f"{what}的条件里没有“{key}”这种比较", f"可用：{'、'.join(TESTS)}")
        elif key in LIMITS and limit.value is not None and not is_number(limit.value):
            faults.add(limit, f"{what}的 {key} 不是数", "写整数或小数，未知写 null")


def is_number(value: object) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _number_of(value: object) -> Decimal:
    return Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(0)


_CHECKS: Mapping[str, Callable[[Node, Form, Faults, str, object], None]] = {
    "number": _number,
    "range": _range,
    "word": _word,
    "words": _words,
    "table": _table,
    "bands": _bands,
    "rules": _rules,
}
