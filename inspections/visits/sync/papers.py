"""What stands on the papers of a visit, as plain values: the same content that the tablet shows and signs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from grading.checklist import MARKS_ZH, Item
from grading.vocabulary import VisitKind
from inspections.people.tables import Account
from inspections.record.clock import PEOPLE_ZONE, civil_day
from inspections.record.marks import is_demonstration
from inspections.record.settings import settings_on
from inspections.units.queries import unit_on
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.sync.answers import FailedItem, failed_items, item_values, mapping_of
from inspections.visits.sync.queries import FieldRecord, photos_of
from inspections.visits.sync.reviewing import finding_in_words
from inspections.visits.sync.vocabulary import measures_of, words_of

_SECTION = re.compile(r"^[一二三四五六七八九十]+、(.+)$")
RESULTS = {"compliant": "符合", "basically_compliant": "基本符合", "non_compliant": "不符合"}
"""The three results of the form (Order 49)."""
_ANSWERS = {"pass": "符合", "fail": "不符合", "na": "不适用"}
_RECORDED = {"audio": "已录音", "video": "已录像"}
_SIGNERS = ("operator", "lead", "second", "witness")


@dataclass(frozen=True)
class Drawing:
    """A signature on a paper: its picture, or what stands in its place."""

    role: str
    name: str
    on: str
    sha256: str | None
    instead: str


@dataclass(frozen=True)
class Paper:
    """One paper: which template, what stands on it, which signatures."""

    template: str
    title: str
    number: str
    content: Mapping[str, Any]
    drawings: Sequence[Drawing]


def notice_paper(session: Session, record: FieldRecord) -> Paper:
    """The notice page (告知页), which is signed before the first item."""
    head = _Head(session, record)
    notice = mapping_of(record.values, "notice")
    content = {
        "rows": [*head.rows(), ["检查地点", str(notice.get("place") or head.address)]],
        "addressee": head.name(),
        "authority": head.signed.get("检查机关", head.authority),
        "inspectors": head.inspectors(),
        "recusal": notice.get("recusal"),
        "recusal_note": str(notice.get("note") or ""),
    }
    return head.paper("notice", "监督检查告知页", content, prefix="notice_")


def record_paper(session: Session, record: FieldRecord) -> Paper:
    """The result record sheet (监督检查结果记录表), from the text that was signed, line by line."""
    head = _Head(session, record)
    title, rows, sections = _parts_of(record.visit.signed_text or "")
    decision = mapping_of(record.values, "decision")
    content = {
        "rows": [row for row in rows if row[0] != "记录编号"],
        "sections": sections,
        "results": _boxes(
            RESULTS,
            decision.get("result"),
        ),
        "handlings": _boxes(words_of("handlings"), decision.get("handling")),
        "has_result": bool(decision),
        "sha256": record.visit.signed_sha256,
        "is_addendum": sum(one.change.key == "signed" for one in record.changes) > 1,
    }
    return head.paper("record", title or "监督检查结果记录表", content)


def checklist_paper(session: Session, record: FieldRecord) -> Paper:
    """The checklist (检查要点表) with every answer."""
    head = _Head(session, record)
    checklist = record.stored.checklist
    answers = item_values(record.values)
    failed = {item.code: item for item in failed_items(checklist, record.values)}
    measures = measures_of(record.stored.checklist_id)
    sections: list[dict[str, Any]] = []
    for item in checklist.items:
        if not sections or sections[-1]["name"] != item.section:
            sections.append({"name": item.section, "items": []})
        sections[-1]["items"].append(_item(item, answers.get(item.code, {}), failed, measures))
    content = {
        "rows": head.rows(),
        "checklist": checklist.title_zh,
        "notes": checklist.notes,
        "sections": sections,
        "sha256": record.visit.signed_sha256,
    }
    return head.paper("checklist", "餐饮服务监督检查要点表", content)


class _Head:
    """What stands at the head of every paper of one visit."""

    def __init__(self, session: Session, record: FieldRecord) -> None:
        visit = record.visit
        self.session, self.record = session, record
        self.day = civil_day(visit.opened_at)
        self.authority = settings_on(session, self.day, or_earliest=True).optional_text("authority") or ""
        self.is_demonstration = is_demonstration(session)
        door = session.get_one(Premises, session.get_one(CateringUnit, visit.unit_id).premises_id)
        self.address = f"{door.address}{door.door_label}"
        unit = unit_on(session, door.id or 0, self.day)
        self.licence_name = unit.version.licence_name if unit is not None else ""
        self.sign_name = (unit.version.sign_name if unit is not None else None) or ""
        self.licence_number = (unit.version.licence_number if unit is not None else None) or "未登记"
        self.signed = {row[0]: row[1] for row in _parts_of(visit.signed_text or "")[1]}
        """What the signed text says at its head: the register and the certificates have changed since."""
        query = select(Account).where(col(Account.id).in_([visit.lead_account_id, visit.second_account_id]))
        self.people = {account.id: account for account in session.exec(query)}

    def name(self) -> str:
        """The unit as it was named when the visit was signed."""
        said = self.signed.get("被检查单位", "").partition("（牌匾：")[0]
        return said or self.licence_name

    def inspectors(self) -> str:
        """Both inspectors with their certificates, as they stood when the visit was signed."""
        visit = self.record.visit
        now = "、".join(map(self.inspector, (visit.lead_account_id, visit.second_account_id)))
        return self.signed.get("检查人员", now)

    def inspector(self, account_id: int) -> str:
        """An inspector with the number of the certificate."""
        person = self.people[account_id]
        return f"{person.name}（执法证号 {person.certificate_number or '未登记'}）"

    def rows(self) -> list[list[str]]:
        """Unit, address, licence, kind, when, by whom."""
        visit = self.record.visit
        sign = f"（牌匾：{self.sign_name}）" if self.sign_name else ""
        return [
            ["被检查单位", self.signed.get("被检查单位", f"{self.licence_name}{sign}")],
            ["地址", self.signed.get("地址", self.address)],
            ["许可证编号", self.signed.get("食品经营许可证编号", self.licence_number)],
            ["检查种类", VisitKind(visit.kind).zh],
            ["检查开始", moment_in_words(visit.opened_at)],
            ["检查人员", self.inspectors()],
        ]

    def paper(self, template: str, title: str, content: Mapping[str, Any], prefix: str = "") -> Paper:
        """A paper with everything that all have."""
        number = self.record.visit.record_number or ""
        common = {
            "title": title,
            "authority": self.authority,
            "number": number,
            "is_demonstration": self.is_demonstration,
        }
        return Paper(template, title, number, {**common, **content}, self._drawings(prefix))

    def _drawings(self, prefix: str) -> list[Drawing]:
        photos = photos_of(self.session, self.record.visit.id or 0)
        shown = {photo.sha256: photo.shown_sha256 for photo in photos}
        names = {
            "lead": self.people[self.record.visit.lead_account_id].name,
            "second": self.people[self.record.visit.second_account_id].name,
        }
        return [
            _drawing(who, mapping_of(self.record.values, f"signature/{prefix}{who}"), shown, names)
            for who in _SIGNERS
            if who != "witness" or f"signature/{prefix}{who}" in self.record.values
        ]


def _drawing(
    who: str,
    value: Mapping[str, Any],
    shown: Mapping[str, str | None],
    names: Mapping[str, str],
) -> Drawing:
    sha256 = shown.get(str(value.get("drawing")))
    instead = ""
    if value.get("refused"):
        witness, recording = value.get("witness"), value.get("recording")
        reason = str(value.get("reason"))
        refused = reason if "拒绝签名" in reason else f"拒绝签名：{reason}"
        recorded = _RECORDED.get(str(value.get("recording_kind")), "已录音录像")
        said = [refused, witness and f"见证人：{witness}", recording and recorded]
        instead = "；".join(str(part) for part in said if part)
    elif value and sha256 is None:
        instead = "签名图还没有传到"
    at = value.get("at")
    on = moment_in_words(datetime.fromisoformat(str(at)))[:-6] if at else ""
    return Drawing(who, str(value.get("name") or names.get(who, "")), on, sha256, instead)


def _parts_of(text: str) -> tuple[str, list[list[str]], list[dict[str, Any]]]:
    """The signed text as a form: its title, the rows of its head, its sections with their lines."""
    title, *lines = text.split("\n") if text else [""]
    rows: list[list[str]] = []
    sections: list[dict[str, Any]] = []
    for line in lines:
        heading = _SECTION.match(line)
        if heading is not None:
            sections.append({"name": heading.group(1), "lines": []})
        elif sections:
            sections[-1]["lines"].append(line)
        elif line.strip():
            label, colon, value = line.partition("：")
            rows.append([label, value] if colon and len(label) <= _LONGEST_LABEL else ["", line])
    return title, rows, sections


_LONGEST_LABEL = 12


def _item(
    item: Item,
    value: Mapping[str, Any],
    failed: Mapping[str, FailedItem],
    measures: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    return {
        "code": item.code,
        "text": item.text,
        "mark": MARKS_ZH[item.mark] if item.mark in {"key", "veto"} else "",
        "provisional": item.provisional,
        "answer": _ANSWERS.get(str(value.get("answer")), "未检查"),
        "note": "；".join(filter(None, _notes(item, value, failed.get(item.code), measures))),
    }


def _notes(
    item: Item, value: Mapping[str, Any], failed: FailedItem | None, measures: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    measure = value.get("measure")
    label = measures.get(item.code, {}).get("label", "测量值")
    notes = [f"{label} {measure['value']:g} {measure['unit']}" if isinstance(measure, dict) else ""]
    if failed is None:
        reason = str(value.get("na_reason") or "")
        return [*notes, words_of("na_reasons").get(reason, reason), str(value.get("remark") or "")]
    effect = {True: "影响食品安全", False: "不影响食品安全"}.get(bool(failed.safety), "")
    return [
        *notes,
        finding_in_words(failed),
        "" if failed.safety is None else effect,
        "当场改正" if failed.corrected_on_spot else day_in_words(failed.deadline_on, "前改正"),
    ]


def _boxes(words: Mapping[str, str], chosen: object) -> list[list[Any]]:
    return [[zh, word == chosen] for word, zh in words.items()]


def day_in_words(on: date | None, after: str = "") -> str:
    """A day in full; nothing where there is none."""
    return "" if on is None else f"{on.year}年{on.month}月{on.day}日{after}"


def moment_in_words(at: datetime) -> str:
    """An instant in full, as people read it."""
    local = at.astimezone(PEOPLE_ZONE)
    return f"{day_in_words(local.date())} {local:%H:%M}"
