"""What may stand where in the files of the rules: every key, what it holds, and in a word what it is for.

The readers refuse other keys, the JSON Schema offers these, and the document describes them all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LIMITS = ("from", "above", "to", "below")
"""Where a number lies: not under, over, not over, under."""
ID = "[a-z0-9]+(-[a-z0-9]+)*"
"""The id of a scheme."""
TEXT, DAY, FLAG, NUMBER, WORDS, ANY = "text", "day", "flag", "number", "words", "any"


@dataclass(frozen=True)
class Key:
    """One key of a mapping; `needed` in every file, `in_base` unless the file is laid over another."""

    holds: str
    zh: str
    needed: bool = False
    in_base: bool = False


Shape = Mapping[str, Key]

RULEBOOK_FILE: Shape = {
    "scheme": Key(ANY, "这部规则是什么"),
    "texts": Key(ANY, "规则值引用的文件"),
    "scales": Key(ANY, "结论的用词，由好到差"),
    "cells": Key(ANY, "规则值：每个数和表，自哪天起，依据什么"),
    "procedures": Key(ANY, "由事实到结论的步骤"),
    "counterexamples": Key(ANY, "办法本身使检查更差而结论更好的情形"),
}
SCHEME: Shape = {
    "id": Key(TEXT, "代号，小写字母、数字和连字符", needed=True),
    "title_zh": Key(TEXT, "中文名称", needed=True),
    "title_en": Key(TEXT, "英文名称", needed=True),
    "notes": Key(TEXT, "说明，公开页面上也显示"),
    "step": Key(NUMBER, "分值的间隔：整数分写 1，一位小数写 0.1"),
    "checklists": Key(WORDS, "可用的检查表的代号"),
    "overlay_of": Key(TEXT, "叠加在哪部规则之上"),
}
SOURCE_TEXT: Shape = {
    "title": Key(TEXT, "文件名称", needed=True),
    "issued_on": Key(DAY, "发布日期"),
    "notes": Key(TEXT, "说明"),
}
SCALE: Shape = {
    "label": Key(TEXT, "这一序列叫什么", needed=True),
    "levels": Key(ANY, "各级，由好到差", needed=True),
    "outside": Key(ANY, "不在序列里的词，如“不评定”"),
}
LEVEL: Shape = {
    "id": Key(TEXT, "规则里用的词", needed=True),
    "zh": Key(TEXT, "中文", needed=True),
    "en": Key(TEXT, "英文", needed=True),
    "meaning_zh": Key(TEXT, "中文含义"),
    "meaning_en": Key(TEXT, "英文含义"),
}
CELL: Shape = {
    "label": Key(TEXT, "这个规则值叫什么", in_base=True),
    "unit": Key(TEXT, '单位，如 points、months、visits/year；没有单位写 "1"', in_base=True),
    "form": Key(ANY, "值应是什么形式", in_base=True),
    "checked_on": Key(DAY, "最近一次有人对照原文核对的日期"),
    "notes": Key(TEXT, "说明"),
    "values": Key(ANY, "自哪天起是什么值", needed=True),
    "read_by": Key(TEXT, "没有步骤用到它时，写谁在用"),
}
FORM: Shape = {
    "kind": Key(TEXT, "形式", needed=True),
    "scale": Key(TEXT, "用哪个序列的词"),
    "words": Key(WORDS, "可用的词"),
    "keys": Key(ANY, "表的各键：一个序列的名字，或列出来"),
    "keys_label": Key(TEXT, "键不固定时，键是什么，如“项目编号”"),
    "of": Key(ANY, "表里每一格、或每一段的 is 的形式"),
    "step": Key(NUMBER, "这一分段表的分值间隔，不写就用 scheme 的 step"),
    "inputs": Key(WORDS, "判定表的条件可用的名字"),
    "whole": Key(FLAG, "必须是整数"),
    **{
        limit: Key(NUMBER, zh)
        for limit, zh in zip(LIMITS, ("不得小于", "必须大于", "不得大于", "必须小于"), strict=True)
    },
}
ENTRY: Shape = {
    "value": Key(ANY, "值；未知写 null"),
    "patch": Key(ANY, "叠加时只补表里的几格"),
    "basis": Key(TEXT, "依据：stated、secondary、assumed、local"),
    "text": Key(TEXT, "出处：texts 里登记的名字"),
    "article": Key(ANY, "第几条"),
    "repealed": Key(FLAG, "自这天起废止"),
    "bases": Key(ANY, "表里依据与整表不同的几格"),
    "document": Key(TEXT, "本局决定的文件（由 rulebook enter 写入）"),
    "document_sha256": Key(TEXT, "该文件的校验值（由 rulebook enter 写入）"),
    "account": Key(TEXT, "录入的账号（由 rulebook enter 写入）"),
}
BAND: Shape = {
    "from": Key(NUMBER, "从这个数起（含）"),
    "above": Key(NUMBER, "大于这个数（不含）"),
    "to": Key(NUMBER, "到这个数（含）"),
    "below": Key(NUMBER, "小于这个数（不含）"),
    "is": Key(ANY, "这一段是什么；未知写 null", needed=True),
}
RULE: Shape = {
    "is": Key(ANY, "成立时的结论；未知写 null"),
    "when": Key(ANY, "条件；最后一行可以不写"),
    "undetermined": Key(TEXT, "这种情形没有定论，写明原因"),
}
PROCEDURE: Shape = {
    "label": Key(TEXT, "这一程序叫什么"),
    "scale": Key(TEXT, "结论用哪个序列的词", needed=True),
    "steps": Key(ANY, "步骤，写在用到它的步骤之前", needed=True),
    "outputs": Key(ANY, "value 是结论；其余是附带的结果", needed=True),
}
STEP: Shape = {
    "op": Key(TEXT, "操作", needed=True),
    "label": Key(TEXT, "这一步叫什么，推导里显示"),
}
COUNTEREXAMPLE: Shape = {
    "procedure": Key(TEXT, "哪个程序", needed=True),
    "better_visits": Key(WORDS, "较好的检查"),
    "worse_visits": Key(WORDS, "较差的检查"),
    "better_gives": Key(TEXT, "较好的检查得出什么", needed=True),
    "worse_gives": Key(TEXT, "较差的检查得出什么", needed=True),
    "why": Key(TEXT, "办法为什么会这样；检查时必须写"),
}
CHECKLIST_FILE: Shape = {
    "checklist": Key(ANY, "这张检查表是什么", needed=True),
    "items": Key(ANY, "各项，按印本次序", needed=True),
}
CHECKLIST: Shape = {
    "id": Key(TEXT, "代号，与文件名相同", needed=True),
    "title_zh": Key(TEXT, "中文名称", needed=True),
    "title_en": Key(TEXT, "英文名称"),
    "status": Key(TEXT, "complete 或 partial"),
    "words_faults": Key(FLAG, "各项写的是问题本身，不是要求"),
    "notes": Key(TEXT, "说明"),
    "source": Key(TEXT, "出处"),
    "checked_on": Key(DAY, "最近一次核对的日期"),
}
ITEM: Shape = {
    "code": Key(ANY, "编号；数字编号加引号", needed=True),
    "section": Key(TEXT, "所在部分"),
    "mark": Key(TEXT, "key 重点项、general 一般项、veto 否决项"),
    "text": Key(TEXT, "简短的中文"),
    "text_en": Key(TEXT, "英文"),
    "alt": Key(TEXT, "另一种编号"),
    "basis": Key(TEXT, "法律依据"),
    "provisional": Key(FLAG, "暂代项：没有见到原文"),
    "applies_to": Key(WORDS, "只适用于哪些单位"),
    "published": Key(TEXT, "数据里指这一项的用词"),
}
HOLDINGS_FILE: Shape = {"holdings": Key(ANY, "哪部规则、对谁、从哪天到哪天", needed=True)}
HOLDING: Shape = {
    "setting": Key(TEXT, "使用环境", needed=True),
    "purpose": Key(TEXT, "用途", needed=True),
    "unit_types": Key(ANY, "all，或列出业态", needed=True),
    "scheme": Key(TEXT, "规则的代号", needed=True),
    "from": Key(DAY, "自哪天起", needed=True),
    "until": Key(DAY, "最后一天（含）；不写就是至今"),
    "text": Key(TEXT, "依据的文件", needed=True),
}
