"""Promises of the papers: the signed record and nothing else, a number and a page count on every page."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import select

from inspections.people.tables import Account
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.evidence import place_of
from inspections.record.house import House
from inspections.record.verifying import look_at_evidence
from inspections.units.amending import change_sign
from inspections.visits.sync.tables import FieldVisit
from inspections.visits.sync.verifying import documents_of_field_visits, look_at_signed
from tests.tablets import (
    LEAD,
    OUTSIDER,
    Draft,
    FieldBureau,
    TabletClient,
    announcement,
    drawing,
    signed_in_tablet,
)

LINES = Path(__file__).with_name("record.txt").read_text(encoding="utf-8").splitlines()


def _visit(lead: TabletClient, draft: Draft) -> str:
    """A signed visit with signatures and findings; its record number."""
    pictures = {who: drawing(width) for who, width in (("lead", 300), ("second", 340), ("notice_lead", 320),
                ("notice_second", 260), ("notice_operator", 380))}  # fmt: skip
    draft.open()
    draft.fill(
        failed={
            "2.3": {
                "answer": "fail",
                "safety": False,
                "words": ["raw-cooked-mixed"],
                "corrected_on_spot": True,
                "measure": {"value": 9.5, "unit": "℃"},
            },
            "2.6": {
                "answer": "fail",
                "safety": True,
                "words": ["expired-ingredient"],
                "remark": "酱料两瓶 🍜",
                "deadline_on": "2026-12-02",
            },
            **{
                code: {"answer": "na", "na_reason": "unit_type"}
                for code in ("1.4", "P4.02", "P10.01", "P10.02")
            },
        },
        result="basically_compliant",
    )
    for who, picture in pictures.items():
        sha256 = announcement(draft.visit, picture)["sha256"]
        draft.say(f"signature/{who}", {"drawing": sha256, "at": draft.made_at.isoformat()})
    draft.say(
        "signature/operator",
        {
            "refused": True,
            "reason": "负责人认为酱料是自用的",
            "witness": "社区网格员 王某",
            "at": draft.made_at.isoformat(),
        },
    )
    number = str(lead.get("/bundle")["record_numbers"][0])
    draft.sign(number, text="\n".join(LINES).format(number=number))
    assert lead.send(draft.changes)["refusals"] == []
    for picture in pictures.values():
        lead.upload(draft.visit, picture, "image/png")
    return number


def _pdf(tablet: TabletClient, visit: str, name: str, status: int = 200) -> bytes:
    answer = tablet.client.get(f"/api/v1/visits/{visit}/documents/{name}.pdf")
    assert answer.status_code == status, answer.text[:300]
    content: bytes = answer.data
    return content


def _text(pdf: bytes, folder: Path) -> list[str]:
    """The text of every page without its spaces."""
    file = folder / "paper.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, check=True)
    return [re.sub(r"\s", "", page) for page in done.stdout.decode().split("\f")[:-1]]


@pytest.mark.parametrize("name", ["notice", "checklist"])
def test_a_paper_says_who_and_what_it_was_when_it_was_signed_whatever_the_register_says_since(
    lead: TabletClient, draft: Draft, tmp_path: Path, name: str
) -> None:
    _visit(lead, draft)
    bureau = draft.bureau
    with transaction(bureau.engine) as session:
        change_sign(
            session, bureau.unit_id, "全新招牌", from_on=civil_day(bureau.now), actor=LEAD, now=bureau.now
        )
        account = session.get_one(Account, bureau.accounts[LEAD])
        account.certificate_number = "NEW-999"
        session.add(account)
    text = "".join(_text(_pdf(lead, draft.visit, name), tmp_path))
    assert "福满源饺子馆" in text
    assert "02-000005" in text
    assert "全新招牌" not in text
    assert "NEW-999" not in text


def test_the_record_sheet_holds_every_line_that_was_signed(
    lead: TabletClient, draft: Draft, tmp_path: Path
) -> None:
    number = _visit(lead, draft)
    pages = _text(_pdf(lead, draft.visit, "record"), tmp_path)
    flat = "".join(pages)
    for line in LINES[2:]:
        value = line.partition("：")[2] if LINES.index(line) < 10 else re.sub(r"^[一二三四五六]、", "", line)
        assert re.sub(r"\s", "", value) in flat, line
    assert "拒绝签名：负责人认为酱料是自用的；见证人：社区网格员王某" in flat
    assert draft.changes[-1]["value"]["sha256"] in flat
    for place, page in enumerate(pages, start=1):
        assert number in page
        assert f"第{place}页，共{len(pages)}页" in page


def test_the_checklist_holds_every_item_with_its_answer(
    lead: TabletClient, draft: Draft, tmp_path: Path
) -> None:
    number = _visit(lead, draft)
    pages = _text(_pdf(lead, draft.visit, "checklist"), tmp_path)
    flat = "".join(pages)
    texts = {
        row["code"]: row["text"]
        for row in lead.get("/bundle")["checklists"][draft.bureau.checklist_sha256]["items"]
    }
    assert all(f"{code}{text}" in flat for code, text in texts.items())
    assert "冷藏温度9.5℃" in flat
    assert "〔U+1F35C〕" in flat, "a sign that no font can draw is written as its code"
    assert len(pages) > 1
    assert all(number in page for page in pages)


def test_the_notice_page_can_be_had_before_the_visit_is_signed_and_the_others_not(
    lead: TabletClient, draft: Draft, tmp_path: Path
) -> None:
    draft.open()
    draft.say("notice", {"recusal": "asked", "place": "前厅", "at": draft.made_at.isoformat()})
    lead.send(draft.changes)
    (page,) = _text(_pdf(lead, draft.visit, "notice"), tmp_path)
    assert "监督检查告知页" in page
    assert "签结时编号" in page
    for name in ("record", "checklist"):
        answer = lead.client.get(f"/api/v1/visits/{draft.visit}/documents/{name}.pdf")
        assert (answer.status_code, answer.json and answer.json["word"]) == (409, "not_signed")


def test_a_paper_is_for_the_two_inspectors_of_the_visit_only(
    application: Flask, lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    lead.send(draft.changes)
    outsider = signed_in_tablet(application, draft.bureau.engine, OUTSIDER)
    _pdf(outsider, draft.visit, "notice", 404)
    _pdf(lead, draft.visit, "diary", 404)
    _pdf(lead, "no-such-visit", "notice", 404)


def test_a_signed_text_of_another_shape_is_printed_line_by_line(
    lead: TabletClient, draft: Draft, tmp_path: Path
) -> None:
    draft.open()
    draft.fill()
    draft.sign(
        lead.get("/bundle")["record_numbers"][0],
        text="记录\n第一行没有冒号的长句子\n\n= 不是标题 #panic() $x$",
    )
    lead.send(draft.changes)
    flat = "".join(_text(_pdf(lead, draft.visit, "record"), tmp_path))
    assert "第一行没有冒号的长句子" in flat
    assert "=不是标题#panic()$x$" in flat, "what people wrote is text and never markup"


def test_an_altered_record_and_a_lost_photo_are_named_by_verify(
    lead: TabletClient, draft: Draft, house: House
) -> None:
    _visit(lead, draft)
    with read_only(house.engine) as session:
        assert [fault for fault in look_at_signed(session) if fault] == []
        named = list(documents_of_field_visits(session))
    directory = house.configuration.evidence_directory
    assert [fault for fault in look_at_evidence(directory, named) if fault] == []
    lost = named[0][1]
    place_of(directory, lost).unlink()
    with transaction(house.engine) as session:
        session.exec(select(FieldVisit)).one().signed_text = "另一段文字"
    with read_only(house.engine) as session:
        (altered,) = [fault for fault in look_at_signed(session) if fault]
    missing = [fault for fault in look_at_evidence(directory, named) if fault]
    assert "签结记录" in altered
    assert missing
    assert all(lost[:12] in fault for fault in missing)


@pytest.mark.slow
def test_the_longest_record_becomes_a_paper(
    lead: TabletClient, draft: Draft, tmp_path: Path, house: House, bureau: FieldBureau
) -> None:
    draft.open()
    draft.fill(failed={code: {"answer": "fail", "remark": "字" * 400} for code in bureau.codes})
    text = "记录\n一、发现的问题\n" + "\n".join("问题" * 400 for _ in range(100))
    draft.sign(lead.get("/bundle")["record_numbers"][0], text=text)
    assert hashlib.sha256(text.encode()).hexdigest() == draft.changes[-1]["value"]["sha256"]
    assert lead.send(draft.changes)["refusals"] == []
    for name in ("record", "checklist"):
        assert len(_text(_pdf(lead, draft.visit, name), tmp_path)) > 10
