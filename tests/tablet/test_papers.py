"""Papers without a network: A4 and 80 mm rolls by the browser's own print, the unit's QR drawn offline."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.tablet.conftest import FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _printed(tablet: Tablet, row: str, button: str, folder: Path) -> tuple[str, str]:
    """What the press of a button would put on paper: its text, and the size of its pages."""
    tablet.page.locator(".print", has_text=row).get_by_role("button", name=button).click()
    expect(tablet.page.locator("#paper h1")).to_have_count(1)
    expect(tablet.page.get_by_text("正在排版…")).to_have_count(0)
    (folder / "paper.pdf").write_bytes(tablet.page.pdf(prefer_css_page_size=True))
    text = _told(["pdftotext", "-layout", "paper.pdf", "-"], folder)
    return "".join(text.split()), _told(["pdfinfo", "paper.pdf"], folder)


def _told(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_every_paper_of_a_visit_is_printed_without_a_network(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], tmp_path: Path
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    # The system's own dialogue would hold the page; what it would print is taken below.
    tablet.page.add_init_script("window.print = () => {}")
    tablet.begin_offline(LEAD, field_server.enrolment())
    tablet.show_papers()
    tablet.sign_notice()
    text, size = _printed(tablet, "告知页", "打印A4", tmp_path)
    assert "A4" in size
    for words in ("监督检查告知页", "有权拒绝检查", "☑不申请回避", "☐申请回避", "天津市福满源餐饮有限公司"):
        assert words in text, words
    assert "下一个未查项" not in text, "the screen is on the paper"

    tablet.go("检查")
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", remark="上层有生鸡肉")
    tablet.answer_rest()
    tablet.decide()
    tablet.close_visit()
    number = tablet.ask("(running, visit) => running.work.view(visit).signed.record_number", visit)

    text, size = _printed(tablet, "结果记录表", "打印A4", tmp_path)
    assert "A4" in size
    for words in (number, "餐饮服务监督检查结果记录表", "上层有生鸡肉", "检查结果：基本符合", "第1页，共"):
        assert words.replace(" ", "") in text, words
    text, size = _printed(tablet, "结果记录表", "打印80毫米", tmp_path)
    assert "226.77" in size or "227" in size, size
    assert "上层有生鸡肉" in text
    text, _ = _printed(tablet, "要点表", "打印A4", tmp_path)
    assert text.count("符合") >= 45

    text, size = _printed(tablet, "要点表", "打印80毫米", tmp_path)
    assert "226.77" in size or "227" in size, size
    assert "Pages:1" in "".join(size.split())
    assert text.count("符合") >= 45
    assert "上层有生鸡肉" in text

    text, size = _printed(tablet, "单位链接条", "打印80毫米", tmp_path)
    link = tablet.ask("(running, visit) => running.work.view(visit).meta.link", visit)
    assert "只交给本单位，请勿张贴" in text
    _told(["pdftoppm", "-r", "200", "-png", "-singlefile", "paper.pdf", "slip"], tmp_path)
    with Image.open(tmp_path / "slip.png") as picture:
        (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == link["address"]
    # The link is on its own slip and on nothing that hangs in public.
    record, _ = _printed(tablet, "结果记录表", "打印A4", tmp_path)
    assert link["token"] not in record
