"""Promises of the fieldwork words: every item has its place, and a wrong file is named."""

import shutil
from pathlib import Path

import pytest

from grading.checklist import Checklist, checklist_text, read_checklist
from inspections.record.configuration import PACKAGE_ROOT
from inspections.visits.fieldwork import SEEDS, FieldworkError, exam, fieldwork, read_exam

SHIPPED = ("cn-catering-2022", "cn-catering-2016-1-3")


def _checklist(name: str) -> Checklist:
    file = f"{name}.yaml"
    text = (PACKAGE_ROOT / "seeds" / "checklists" / file).read_text(encoding="utf-8")
    return read_checklist(checklist_text(file, text))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The shipped files in a folder that a test may spoil."""
    return Path(shutil.copytree(SEEDS, tmp_path / "fieldwork"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_item_of_a_chinese_checklist_stands_in_one_place_of_the_walk(name: str) -> None:
    assert set(fieldwork()["items"][name]) == {item.code for item in _checklist(name).items}


def test_remarks_and_measures_belong_to_items_that_exist() -> None:
    codes = {f"{name}/{item.code}" for name in SHIPPED for item in _checklist(name).items}
    for row in [*fieldwork()["words"], *fieldwork()["measures"]]:
        assert set(row["items"]) <= codes, row


def test_every_item_with_a_text_has_remarks_to_choose_from() -> None:
    named = {item for row in fieldwork()["words"] for item in row["items"]}
    bare = {
        f"{name}/{item.code}"
        for name in SHIPPED
        for item in _checklist(name).items
        if f"{name}/{item.code}" not in named
    }
    assert bare == {"cn-catering-2022/3.2"}, "only the item whose text nobody has seen has none"


def test_a_limit_that_no_text_states_is_marked_and_an_unknown_one_is_not_written() -> None:
    for row in fieldwork()["measures"]:
        has_limit = "at_least" in row or "at_most" in row
        assert has_limit == (row["basis"] != "unknown"), row


def test_every_question_of_the_exam_names_its_source() -> None:
    shipped = exam()
    assert shipped["is_demonstration"] is True
    assert all(question["source"] for question in shipped["questions"])


def test_an_item_in_two_places_is_refused_with_its_code(copied: Path) -> None:
    walk = copied / "walk.toml"
    walk.write_text(walk.read_text(encoding="utf-8").replace('storage = ["2.1"', 'storage = ["1.1", "2.1"'))
    with pytest.raises(FieldworkError, match=r"1\.1 出现了两次"):
        fieldwork(copied)


def test_a_question_whose_right_answer_is_no_choice_is_refused(copied: Path) -> None:
    questions = copied / "exam.toml"
    questions.write_text(questions.read_text(encoding="utf-8").replace("right = 2", "right = 3", 1))
    with pytest.raises(FieldworkError, match="sample-amount"):
        read_exam(questions)


def test_a_place_nobody_declared_is_refused(copied: Path) -> None:
    walk = copied / "walk.toml"
    walk.write_text(walk.read_text(encoding="utf-8").replace("dining = ", "roof = ", 1))
    with pytest.raises(FieldworkError, match="roof"):
        fieldwork(copied)
