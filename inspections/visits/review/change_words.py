"""A change of a visit in words: which field, and what it became."""

from collections.abc import Mapping

from inspections.visits.review.register import REGISTER_WORDS
from inspections.visits.review.signed_papers import SIGNERS
from inspections.visits.sync.answers import texts_of
from inspections.visits.sync.papers import RESULTS
from inspections.visits.sync.vocabulary import finding_words, words_of

_FIELDS = {
    "visit": "开始检查",
    "certificates": "出示执法证",
    "notice": "告知和回避",
    "problems": "检查表以外的问题",
    "guests": "同行人员",
    "health": "健康证明",
    "exam": "人员考核",
    "decision": "认定",
    "orders": "责令改正",
    "told": "书面告知",
    "link": "单位链接",
    "obstruction": "无法检查",
    "location": "位置",
    "signed": "签结",
}
_ANSWERS = {"pass": "符合", "fail": "不符合", "na": "不适用", "unchecked": "改回未检查"}
_SAFETY: dict[object, str] = {True: "影响食品安全", False: "不影响食品安全"}
_RECUSAL = {"asked": "询问过，不申请回避", "applied": "申请回避", "not_asked": "还没有询问"}


def field_in_words(key: str) -> str:
    """A field of a visit as people call it."""
    kind, _, of = key.partition("/")
    if kind == "item":
        return f"{of} 项"
    if kind == "signature":
        page = "告知页" if of.startswith("notice_") else ""
        return f"{page}签名：{SIGNERS.get(of.removeprefix('notice_'), of)}"
    if kind == "register":
        return f"登记：{REGISTER_WORDS.get(of, of)}"
    return _FIELDS.get(kind, key)


def value_in_words(key: str, value: object) -> str:
    """What a field became; taken back where it is nothing."""
    kind = key.partition("/")[0]
    if value is None:
        return "取消"
    if isinstance(value, list):
        return f"{len(value)} 条"
    if not isinstance(value, Mapping):
        return str(value)
    tell = _TELLING.get(kind, _plain)
    return "；".join(part for part in tell(value) if part)


def _item(value: Mapping[str, object]) -> list[str]:
    measure, photos = value.get("measure"), value.get("photos")
    words = [finding_words().get(word, word) for word in texts_of(value.get("words"))]
    return [
        _ANSWERS.get(str(value.get("answer")), str(value.get("answer"))),
        _SAFETY.get(value.get("safety"), ""),
        "当场改正" if value.get("corrected_on_spot") else "",
        f"{value['deadline_on']} 前改正" if value.get("deadline_on") else "",
        "、".join(words),
        str(value.get("remark") or ""),
        f"{measure['value']} {measure['unit']}" if isinstance(measure, Mapping) else "",
        words_of("na_reasons").get(str(value.get("na_reason")), str(value.get("na_reason") or "")),
        f"照片 {len(photos)} 张" if isinstance(photos, list) and photos else "",
    ]


def _signature(value: Mapping[str, object]) -> list[str]:
    if not value.get("refused"):
        return [f"已签名 {value.get('name') or ''}".strip()]
    witness = value.get("witness")
    return [
        "拒签",
        str(value.get("reason") or ""),
        f"见证人 {witness}" if witness else "",
        "有录音录像" if value.get("recording") else "",
    ]


def _decision(value: Mapping[str, object]) -> list[str]:
    handling = str(value.get("handling") or "")
    result = str(value.get("result") or "")
    return [
        RESULTS.get(result, result),
        words_of("handlings").get(handling, handling),
        str(value.get("reason") or ""),
    ]


def _told(value: Mapping[str, object]) -> list[str]:
    how = str(value.get("how") or "")
    return [words_of("told_ways").get(how, how)]


def _obstruction(value: Mapping[str, object]) -> list[str]:
    ground = str(value.get("ground") or "")
    return [words_of("obstruction_grounds").get(ground, ground), str(value.get("note") or "")]


def _notice(value: Mapping[str, object]) -> list[str]:
    recusal = str(value.get("recusal"))
    return [_RECUSAL.get(recusal, recusal), str(value.get("note") or "")]


def _plain(value: Mapping[str, object]) -> list[str]:
    """What is written in it; hashes and times stand elsewhere."""
    return [str(value[name]) for name in ("value", "note", "seen", "right", "asked") if value.get(name)]


_TELLING = {
    "item": _item,
    "signature": _signature,
    "decision": _decision,
    "told": _told,
    "obstruction": _obstruction,
    "notice": _notice,
}
