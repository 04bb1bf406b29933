"""What a visit must hold before it is signed: the legal order, every item, the decision, the signatures.

The tablet asks for the same (`static/tablet/procedure.js`); the server does not rely on that.
"""

from collections.abc import Iterable, Iterator, Mapping

from grading.checklist import Checklist
from inspections.visits.sync.answers import (
    FailedItem,
    Values,
    failed_items,
    item_values,
    mapping_of,
    obstruction_of,
    rows_of,
    texts_of,
    unanswered,
)

Missing = tuple[str, str]
"""Where something is missing (a key of the visit), and what."""

CLOSED_DOOR, OTHER_GROUND = "closed_door", "other"
BY_LINK = "electronic"
"""The way of telling a result in writing that needs the unit link in somebody's hands."""
_NOT_BARRED = "\n决定：不予回避"
_UNIT, _INSPECTORS = "operator", ("lead", "second")
_NAMES = {"operator": "被检查单位", "lead": "主检人员", "second": "检查人员"}


def missing_before_signing(
    checklist: Checklist, values: Values, *, codes: Iterable[str] = (), suggested: str | None = None
) -> list[Missing]:
    """What still keeps a visit from being signed, in its legal order; empty when it may be.

    `codes` are the items of a flying visit (none: all items), `suggested` is the result by the visit's rules.
    Source: Order 49, articles 23, 24, 29 to 31, 33 to 35 and 49.
    """
    obstruction = obstruction_of(values)
    if obstruction is not None:
        return [*_of_obstruction(obstruction), *_signatures(values, _INSPECTORS)]
    return [
        *_certificates_and_notice(values),
        *((f"item/{code}", "还没有检查") for code in unanswered(checklist, values, codes)),
        *_of_items(checklist, values),
        *_of_decision(values, suggested),
        *_of_orders(failed_items(checklist, values), values),
        *_of_telling(values),
        *_signatures(values, (_UNIT, *_INSPECTORS)),
    ]


def _of_obstruction(obstruction: Mapping[str, object]) -> Iterator[Missing]:
    if obstruction.get("ground") == CLOSED_DOOR and not texts_of(obstruction.get("photos")):
        yield "obstruction/photos", "关门要有现场照片"
    if obstruction.get("ground") == OTHER_GROUND and not _written(obstruction, "note"):
        yield "obstruction/note", "其他情形要写明经过"


def _certificates_and_notice(values: Values) -> Iterator[Missing]:
    if mapping_of(values, "certificates").get("shown") is not True:
        yield "certificates", "还没有出示执法证"
    notice = mapping_of(values, "notice")
    ruled = notice.get("recusal") == "applied" and _NOT_BARRED in str(notice.get("note") or "")
    if notice.get("recusal") != "asked" and not ruled:
        yield "notice", "还没有询问是否申请回避，或负责人没有决定不予回避"
    yield from _signatures(values, (_UNIT, *_INSPECTORS), page="notice_", of="告知页")


def _signatures(values: Values, signers: Iterable[str], *, page: str = "", of: str = "") -> Iterator[Missing]:
    """A signature of each; the unit may refuse, with a reason and a witness or recording (art. 34)."""
    for who in signers:
        key = f"signature/{page}{who}"
        signature = mapping_of(values, key)
        refused = who == _UNIT and _is_witnessed_refusal(signature)
        if not signature.get("drawing") and not refused:
            yield key, f"缺少{of}{_NAMES[who]}签名" + ("或拒签记录" if who == _UNIT else "")


def _is_witnessed_refusal(signature: Mapping[str, object]) -> bool:
    witnessed = _written(signature, "witness") or bool(signature.get("recording"))
    return signature.get("refused") is True and _written(signature, "reason") and witnessed


def _of_items(checklist: Checklist, values: Values) -> Iterator[Missing]:
    for code, value in item_values(values).items():
        if value.get("answer") == "na" and not _written(value, "na_reason"):
            yield f"item/{code}", "缺少不适用的理由"
    for item in failed_items(checklist, values):
        lacks = []
        if item.safety is None:
            lacks.append("是否影响食品安全")
        if not item.corrected_on_spot and item.deadline_on is None:
            lacks.append("当场改正或期限")
        if not item.words and not item.remark.strip():
            lacks.append("发现了什么")
        if lacks:
            yield f"item/{item.code}", f"缺少{'、'.join(lacks)}"


def _of_decision(values: Values, suggested: str | None) -> Iterator[Missing]:
    decision = mapping_of(values, "decision")
    if not decision:
        yield "decision", "还没有作出结果"
    elif suggested is not None and decision.get("result") != suggested and not _written(decision, "reason"):
        yield "decision", "结果与建议不同，要写明理由"


def _of_telling(values: Values) -> Iterator[Missing]:
    how = mapping_of(values, "told").get("how")
    if not how:
        yield "told", "还没有书面告知"
    elif how == BY_LINK and not mapping_of(values, "link").get("token_hash"):
        yield "link", "用单位链接送达的，还没有交付单位链接"


def _of_orders(failed: Iterable[FailedItem], values: Values) -> Iterator[Missing]:
    ordered = {code for order in rows_of(values, "orders") for code in texts_of(order.get("items"))}
    for item in failed:
        if not item.corrected_on_spot and item.code not in ordered:
            yield f"item/{item.code}", "没有责令改正"


def _written(value: Mapping[str, object], name: str) -> bool:
    return bool(str(value.get(name) or "").strip())
