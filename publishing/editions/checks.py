"""What must hold of each line and heading before it may become a draft, and again before publication."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inspections.record.command_line import CLI
from inspections.record.settings import Settings
from inspections.surface.sheets.faults import Fault
from inspections.units.holders import NATURAL_PERSON
from inspections.units.personal import has_personal_number
from publishing.editions.candidates import VisitBehind
from publishing.editions.drafts import (
    LIST_WORDS,
    Draft,
    DraftLine,
    SavedDraft,
    SavedLine,
)
from publishing.editions.wording import wording_fault

LONGEST_REASON = 300
_Told = tuple[str, str, str, str]


@dataclass(frozen=True)
class Strictness:
    """The day, its settings, whether the data are real; `asks_notice` is off while a notice is written."""

    on: date
    settings: Settings
    is_real: bool
    asks_notice: bool = True


def heading_faults(draft: Draft) -> Iterator[Fault]:
    """What is wrong above the lines."""
    for label, text in (("主题", draft.theme or ""), ("抽取说明", draft.chosen_how)):
        fault = wording_fault(text)
        if fault:
            yield Fault(0, label, text[:30], fault, "请改写")
    for label, number in (("期号", draft.issue_no), ("抽取家数", draft.drawn), ("检查家数", draft.checked)):
        if number is not None and not 0 <= number <= 99_999:
            yield Fault(0, label, str(number), "不在合理的范围里", "请核对")


def line_faults(
    lines: Sequence[DraftLine], visits: Mapping[int, VisitBehind], rows: Sequence[int], strict: Strictness
) -> Iterator[Fault]:
    """Everything wrong with the lines, each fault at its row of the editor's sheet."""
    units: dict[int, int] = {}
    numbers: dict[int, int] = {}
    for row, line in zip(rows, lines, strict=True):
        visit = visits.get(line.visit_id)
        for column, value, what, cure in _faults(line, visit, strict):
            yield Fault(row, column, value, what, cure)
        if visit is not None and visit.unit_id in units:
            what = f"与第 {units[visit.unit_id]} 行是同一家单位"
            yield Fault(row, "检查记录号", visit.record_key, what, "一家单位每期只上一次榜，请删去一行")
        if line.number in numbers:
            what = f"与第 {numbers[line.number]} 行的序号相同"
            yield Fault(row, "序号", str(line.number), what, "请让每条的序号不同")
        numbers[line.number] = row
        if visit is not None:
            units[visit.unit_id] = row


def _faults(line: DraftLine, visit: VisitBehind | None, strict: Strictness) -> Iterator[_Told]:
    if line.list_word not in LIST_WORDS:
        yield "榜", line.list_word, "不是红榜或黑榜", "请写红榜或黑榜；不上榜就留空"
    yield from _visit_faults(visit, strict.on)
    if visit is not None and strict.is_real:
        yield from (("检查记录号", visit.record_key, *told) for told in visit.unsettled.faults())
    yield from _text_faults(line, visit)
    if not line.no_personal_names:
        yield "已确认无个人姓名", "", "还没有确认", "请核对理由和措施里没有个人姓名，再填“是”"
    if line.list_word == "black" and strict.is_real and strict.asks_notice:
        yield from _notice_faults(line, visit, strict)


def _visit_faults(visit: VisitBehind | None, on: date) -> Iterator[_Told]:
    column = "检查记录号"
    if visit is None:
        yield column, "", "没有这次检查", "请从 edition draft 写出的表里抄"
        return
    record = visit.record_key
    if not visit.is_released:
        yield column, record, "这批检查记录还没有发布", "请先核对并发布这一批"
    if not visit.is_current:
        yield column, record, "这次检查的记录已被更正", f"请重新运行 {CLI} edition draft，用更正后的记录"
    if visit.decided_result is None:
        yield column, record, "检查人员没有作出结果判定", "没有判定结果的检查不能上榜，请删去这一行"
    if visit.visited_on > on:
        yield column, record, f"检查日期 {visit.visited_on} 还没有到", "请核对检查日期"
    if visit.holder_shown is None:
        yield column, record, "检查当天这个门店登记的经营者不是该单位", "请核对名册"
    yield from _register_faults(visit)


def _register_faults(visit: VisitBehind) -> Iterator[_Told]:
    shown = (("牌匾名称", visit.sign_name), ("主体名称", visit.holder_shown), ("地址", visit.address))
    for label, text in shown:
        if text and has_personal_number(text):
            yield label, text, "登记的内容里有像证件号或电话的数字", "请先在名册里改正"


def _text_faults(line: DraftLine, visit: VisitBehind | None) -> Iterator[_Told]:
    if not any(reason.strip() for reason in line.reasons):
        yield "上榜理由", "", "是空的", "请写检查中看到的事实"
    texts = [("上榜理由", reason) for reason in line.reasons]
    texts += [("处理措施", line.measures or ""), ("告知方式", line.told_how or "")]
    person = _natural_person(visit)
    for column, text in texts:
        fault = wording_fault(text)
        if fault:
            yield column, text[:30], fault, "请改写"
        if person is not None and person in text:
            yield column, "", "写有经营者本人的姓名", "请删去姓名"
        if len(text) > LONGEST_REASON:
            yield column, text[:30], f"有 {len(text)} 个字，最多 {LONGEST_REASON} 个", "请缩短或分成几条"


def _natural_person(visit: VisitBehind | None) -> str | None:
    is_person = visit is not None and visit.holder_shown == NATURAL_PERSON
    name = visit.licence_name if visit is not None and is_person else None
    return name if name and len(name) > 1 else None


def _notice_faults(line: DraftLine, visit: VisitBehind | None, strict: Strictness) -> Iterator[_Told]:
    if line.told_on is None:
        yield "告知日期", "", "黑榜条目没有告知日期", "请先书面告知该单位，再填告知的日期"
    if not (line.told_how or "").strip():
        yield "告知方式", "", "黑榜条目没有告知方式", "请写怎样书面告知的，例如“当场送达告知书”"
    days = strict.settings.count("objection_days")
    if days is None:
        cure = f"请运行 {CLI} settings set objection_days 天数 --from 日期"
        yield "异议期截止", "", f"{strict.on} 还没有规定异议期的天数", cure
    if line.told_on is None:
        return
    if line.told_on > strict.on:
        yield "告知日期", line.told_on.isoformat(), "还没有到", "请写已经告知的日期"
    if visit is not None and line.told_on < visit.visited_on:
        yield "告知日期", line.told_on.isoformat(), f"早于检查日期 {visit.visited_on}", "请核对"
    until = line.objection_until_on
    if days is not None and until is not None and until < line.told_on + timedelta(days=days):
        what = f"离告知日期不足 {days} 天"
        yield "异议期截止", until.isoformat(), what, f"请写 {line.told_on + timedelta(days=days)} 或更晚"


def objection_until(line: DraftLine, settings: Settings) -> date | None:
    """The last day of the objection window: as written, else from the day of telling by the setting."""
    days = settings.count("objection_days")
    if line.objection_until_on is not None or line.told_on is None or days is None:
        return line.objection_until_on
    return line.told_on + timedelta(days=days)


def stale_lines(draft: SavedDraft, visits: Mapping[int, VisitBehind]) -> list[str]:
    """Lines whose register or visit no longer says what the draft says."""
    return [
        f"第 {line.number} 条：{why}"
        for line in draft.lines
        if (why := _staleness(line, visits.get(line.visit_id))) is not None
    ]


def _staleness(line: SavedLine, visit: VisitBehind | None) -> str | None:
    if visit is None or not visit.is_released or not visit.is_current:
        return "所依据的检查记录已被更正"
    if visit.decided_result != line.decided_result or visit.visited_on != line.inspected_on:
        return "检查的结果或日期已变"
    now = (visit.unit_id, visit.sign_name, visit.holder_shown, visit.address)
    if now != (line.unit_id, line.sign_name, line.holder_shown, line.address):
        return "名册里的名称或地址已变"
    return None


def unwritten(draft: SavedDraft) -> list[str]:
    """What readers expect of an edition and nobody has written."""
    heading = (
        ("主题", draft.theme), ("怎样抽取", draft.chosen_how), ("抽取家数", draft.drawn),
        ("检查家数", draft.checked), ("上榜的单位", draft.lines),
    )  # fmt: skip
    return [label for label, value in heading if value in (None, "", ())]


def unpublishable(draft: SavedDraft, visits: Mapping[int, VisitBehind], strict: Strictness) -> Iterator[str]:
    """Why a draft may not leave the house on this day, each with the line and the cure."""
    for key, label in (("red", "红榜"), ("black", "黑榜")):
        if strict.settings.count(f"{key}_term_days") is None:
            yield (
                f"还没有规定{label}的公示天数（{strict.on} 起）；"
                f"请运行 {CLI} settings set {key}_term_days 天数 --from 日期。"
            )
    if not strict.is_real:
        return
    for line in draft.lines:
        for what, cure in visits[line.visit_id].unsettled.faults():
            yield f"第 {line.number} 条（{LIST_WORDS[line.list_word]}）：{what}；{cure}。"
        if line.list_word == "black":
            yield from _unheard(line, strict.on)


def _unheard(line: SavedLine, on: date) -> Iterator[str]:
    place = f"第 {line.number} 条（黑榜）"
    if line.told_on is None or not line.told_how or line.objection_until_on is None:
        yield (
            f"{place}缺书面告知的日期、方式或异议期截止日；"
            f"请在草稿表里补上，再运行 {CLI} edition draft 月份 --file 该表。"
        )
    elif on <= line.objection_until_on:
        yield (
            f"{place}的异议期到 {line.objection_until_on} 才结束；请在 "
            f"{line.objection_until_on + timedelta(days=1)} 或以后公示。"
        )
