"""`serve` on the demonstration district, as a visitor meets it: real processes, real browser."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from inspections.record.configuration import PACKAGE_ROOT
from tests.browser.looking import STICKING_OUT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIRE_LIMIT = 14 * 1024
PHONE = (390, 844)


@dataclass(frozen=True)
class Served:
    """A running demonstration: where it answers, where its files lie, and its parent process."""

    address: str
    data: Path
    process: subprocess.Popen[bytes]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _flask(*args: str) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", *args]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The Makefile's own steps: migrate, seed, serve."""
    data = tmp_path_factory.mktemp("served")
    environment = {**os.environ, "HHB_DATA": str(data)}
    environment.pop("HHB_PUBLIC_URL", None)
    for step in (("migrate",), ("seed", "demo", "--if-empty")):
        subprocess.run(_flask(*step), env=environment, cwd=PACKAGE_ROOT, check=True, capture_output=True)
    port = _free_port()
    log = (data / "serve.log").open("wb")
    process = subprocess.Popen(
        _flask("serve", "--bind", f"127.0.0.1:{port}"),
        env=environment,
        cwd=PACKAGE_ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    _wait_until_it_answers(address, process, data / "serve.log")
    yield Served(address, data, process)
    _wait_until_it_says("定时任务已启动", data / "serve.log")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    log.close()
    said = (data / "serve.log").read_text(encoding="utf-8")
    assert f"网站在 {address}/（公开网址 http://127.0.0.1:8000）；按 Ctrl+C 停止。" in said
    assert "演示账号的密码在" in said
    assert said.endswith("已停止。\n")
    assert not any(word in said for word in ("Traceback", "Warning", "[ERROR]"))


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urlopen(f"{address}/", timeout=5) as answer:  # noqa: S310  # our own loopback address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))


def _wait_until_it_says(words: str, log: Path) -> None:
    for _ in range(300):
        if words in log.read_text(encoding="utf-8"):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))


def _codes(served: Served) -> list[str]:
    return sorted(path.name for path in (served.data / "site" / "s").iterdir())


def test_every_kind_of_page_opens_and_says_that_it_is_a_demonstration(
    served: Served, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    code = _codes(served)[0]
    edition = max(path.name for path in (served.data / "site" / "editions").glob("20*"))
    paths = ["/", "/editions/", f"/editions/{edition}/", f"/editions/{edition}/1/", "/rules/", "/about/"]
    paths += [f"/s/{code}/", "/search?q=jz"]
    for path in paths:
        answer = page.goto(served.address + path)
        assert answer is not None
        assert answer.status == 200, path
        assert "演示" in page.locator("body").inner_text()
        assert page.locator("meta[name=robots]").get_attribute("content") == "noindex"
        assert not Axe().run(page).response["violations"], path
    assert faults == []
    page.close()


def test_the_way_from_home_over_the_search_to_a_storefront(served: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    page.goto(served.address)
    page.fill("input[name=q]", "饺")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    page.locator("main a[href^='/s/']").first.click()
    page.wait_for_url("**/s/**")
    shown = page.locator("main").inner_text()
    for heading in ("风险等级", "明厨亮灶", "12315"):
        assert heading in shown
    page.close()


def _signed_in(served: Served, browser: Browser, name: str) -> Page:
    page = browser.new_context(base_url=served.address).new_page()
    page.goto("/desk/sign-in")
    page.get_by_label("姓名").fill(name)
    page.get_by_label("密码").fill((served.data / "demonstration-password.txt").read_text("utf-8").strip())
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/desk/")
    return page


def test_who_signs_in_meets_a_living_campaign(served: Served, browser: Browser) -> None:
    page = _signed_in(served, browser, "演示抽查管理")
    page.goto("/desk/campaigns/")
    states = page.locator("tbody tr").all_inner_texts()
    assert [word for row in states for word in ("征集点检中", "检查中", "名单已公布") if word in row] == [
        "征集点检中", "检查中", "名单已公布",
    ]  # fmt: skip
    keys = page.locator("tbody th a").all_inner_texts()
    for path in ("/desk/", "/desk/plan/?within=0", *(f"/desk/campaigns/{key}" for key in keys)):
        page.goto(path)
        assert not Axe().run(page).response["violations"], path
        for width, height in ((390, 844), (768, 1024), (1024, 768), (1440, 900)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(STICKING_OUT) == [], (path, width)
    page.goto(f"/desk/campaigns/{keys[1]}")
    page.get_by_role("link", name="现场照片").first.click()
    expect(page.locator("img")).to_be_visible()
    page.context.close()


def test_the_public_sees_a_draw_verified_a_promise_and_a_question(served: Served, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    page.goto(served.address)
    page.get_by_role("link", name="怎么抽的").click()
    expect(page.locator("[data-verdict=good]")).to_be_visible()
    assert page.locator("li.out").count() >= 2, "an exclusion and a closed door"
    page.goto(served.address)
    page.get_by_role("link", name="抽取公告").click()
    expect(page.locator("h1")).to_contain_text("怎么抽的")
    assert page.locator("#verify").count() == 0, "the roster is sealed"
    page.goto(served.address)
    page.get_by_role("link", name="您想让我们检查哪一家？").click()
    expect(page.get_by_text("共 19 票")).to_be_visible()
    assert not Axe().run(page).response["violations"]
    page.close()


def test_every_storefront_page_is_small_on_the_wire_in_both_encodings(served: Served) -> None:
    for code in _codes(served):
        folder = served.data / "site" / "s" / code
        for sibling in ("index.html.gz", "index.html.br"):
            assert (folder / sibling).stat().st_size <= WIRE_LIMIT, (code, sibling)


def test_the_fullest_storefronts_still_show_the_kitchen_on_the_first_screen(
    served: Served, browser: Browser
) -> None:
    pages = [served.data / "site" / "s" / code / "index.html" for code in _codes(served)]
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    seen = 0
    for path in sorted(pages, key=lambda path: path.stat().st_size, reverse=True)[:60]:
        page.set_content(path.read_text(encoding="utf-8"))
        heading = page.locator("h2:has-text('明厨亮灶')")
        box = heading.bounding_box() if heading.count() else None
        if box is not None:
            assert box["y"] + box["height"] <= PHONE[1], path
            seen += 1
    assert seen > 40
    page.close()


def test_a_reader_gets_the_sibling_it_asks_for_and_304_when_nothing_changed(served: Served) -> None:
    address = f"{served.address}/s/{_codes(served)[0]}/"
    with urlopen(Request(address, headers={"Accept-Encoding": "br"})) as answer:  # noqa: S310  # loopback
        assert answer.headers["Content-Encoding"] == "br"
        etag = answer.headers["ETag"]
    again = Request(address, headers={"Accept-Encoding": "br", "If-None-Match": etag})  # noqa: S310  # loopback
    with pytest.raises(HTTPError, match="304"):
        urlopen(again)  # noqa: S310  # our own loopback address


def test_serve_refuses_another_public_address_with_the_cure(served: Served) -> None:
    environment = {**os.environ, "HHB_DATA": str(served.data), "HHB_PUBLIC_URL": "https://other.example.cn"}
    refused = subprocess.run(
        _flask("serve", "--bind", "127.0.0.1:1"),
        env=environment,
        cwd=PACKAGE_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "settings set public_address" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_serve_refuses_an_unmigrated_database_with_the_cure(tmp_path: Path) -> None:
    refused = subprocess.run(
        _flask("serve"),
        env={**os.environ, "HHB_DATA": str(tmp_path)},
        cwd=PACKAGE_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "flask --app app migrate" in refused.stderr
