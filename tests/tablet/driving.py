"""A tablet in a real browser, handled as an inspector handles it: by what stands on the screen."""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect

from tests.bureau import PASSWORD
from tests.chromium import CHROMIUM, FLAGS

PIN, OTHER_PIN = "483920", "795310"
LANDSCAPE, PORTRAIT, PHONE = (1024, 768), (768, 1024), (390, 844)
# A camera and a microphone that show a test picture, and may be used without asking.
_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
_ANSWERS = {"pass": "符合", "fail": "不符合", "na": "不适用"}


def _arguments(process: Path) -> list[str]:
    """How a process was called; nothing where it has just ended."""
    try:
        return (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


@dataclass
class Tablet:
    """One browser with a profile of its own on the disk: closed and opened again without a network."""

    playwright: Playwright
    profile: Path
    address: str
    size: tuple[int, int] = LANDSCAPE
    context: BrowserContext | None = None

    def __post_init__(self) -> None:
        self.faults: list[str] = []
        self.signatures = 0

    def start(self) -> "Tablet":
        """Switch on: open the browser and the application."""
        self.context = self.playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=CHROMIUM,
            args=[*FLAGS, *_DEVICES],
            viewport={"width": self.size[0], "height": self.size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
        )
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("console", lambda said: self._hear(said.text))
        # The browser's own question before something is lost by leaving: whoever leaves here means it.
        self.page.on("dialog", lambda asked: asked.accept())
        return self

    def _hear(self, said: str) -> None:
        """A breach of the pages' policy is a fault like any other."""
        if "Content Security Policy" in said:
            self.faults.append(said)

    @property
    def page(self) -> Page:
        """The one page of the application."""
        assert self.context is not None
        return self.context.pages[0]

    def open(self) -> None:
        """Call the application up."""
        self.page.goto(f"{self.address}/tablet")
        expect(self.page.locator("h1").first).not_to_have_text("检查平板")

    def close(self) -> None:
        """Switch off. While a browser closes it is on the network, so the application stops sending first."""
        if self.context is not None:
            if self.page.url.startswith(self.address):
                self.ask("(running) => { running?.sync?.stop(); }")
            self.context.close()
        self.context = None

    def kill(self) -> None:
        """SIGKILL to every process of this tablet's browser."""
        assert self.context is not None
        own = f"--user-data-dir={self.profile}"
        with self.context.expect_event("close"):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and own in _arguments(entry):
                    os.kill(int(entry.name), signal.SIGKILL)
        self.context = None

    def offline(self, is_off: bool = True) -> None:
        """Walk into the basement, or out of it."""
        assert self.context is not None
        self.context.set_offline(is_off)

    def crash(self) -> None:
        """The browser is killed, and called up again without a network."""
        self.kill()
        self.start()
        self.offline()
        self.open()

    # Signing in

    def sign_in(self, name: str, enrolment: str | None = None, password: str = PASSWORD) -> None:
        """Name and password, with the enrolment code where the tablet is new."""
        if enrolment is not None:
            self.page.fill("#enrolment", enrolment)
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.get_by_role("button", name="登录", exact=True).click()

    def set_pin(self, pin: str = PIN) -> None:
        """The first PIN on this tablet."""
        self.page.fill("#pin", pin)
        self.page.fill("#again", pin)
        self.page.get_by_role("button", name="设好并开始").click()
        expect(self.page.get_by_role("heading", name="今天")).to_be_visible()

    def start_day(self, name: str, enrolment: str) -> None:
        """Open the application on a new tablet, register it, sign in, set the PIN."""
        self.open()
        self.sign_in(name, enrolment)
        self.set_pin()

    def unlock(self, pin: str = PIN, name: str | None = None) -> None:
        """Choose a name where there are several, and give the PIN."""
        if name is not None:
            self.page.locator(".person", has_text=name).click()
        self.page.fill("#pin", pin)
        self.page.get_by_role("button", name="打开", exact=True).click()

    def wait_until_kept(self) -> None:
        """Until the application itself stands on the tablet."""
        self.wait_for("() => navigator.serviceWorker.controller !== null")
        self.page.evaluate("async () => { await navigator.serviceWorker.ready; }")

    def export_forgotten(self, name: str, to: Path) -> Path:
        """Whoever forgot the PIN hands out the sealed file of what is here."""
        self.page.locator(".person", has_text=name).click()
        self.page.get_by_role("button", name="忘记 PIN").click()
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="导出文件", exact=True).click()
        download.value.save_as(to)
        return to

    # A visit

    def begin_offline(self, lead: str, enrolment: str, unit: str = "福满源") -> None:
        """A new tablet has its day; then, without a network, a visit begins."""
        self.start_day(lead, enrolment)
        self.wait_until_kept()
        self.offline()
        self.begin(unit)

    def begin(self, name: str) -> None:
        """Choose a unit of the list and begin."""
        self.page.locator(".list .row", has_text=name).click()
        self.page.get_by_role("button", name="开始检查").click()

    def go(self, step: str) -> None:
        """A step of the legal order, by its short word."""
        self.page.locator(".steps ol").get_by_role("link", name=step).click()

    def show_papers(self) -> None:
        """Certificates shown."""
        self.page.get_by_role("button", name="已向对方出示两人的执法证").click()

    def sign_notice(self) -> None:
        """The notice page: no recusal, three signatures."""
        self.go("告知")
        self.page.get_by_role("button", name="不申请回避", exact=True).click()
        for place in range(3):
            self.draw(self.page.locator(".signature").nth(place))

    def draw(self, signature: Locator) -> None:
        """A signature by hand."""
        signature.get_by_role("button", name="手写签名").click()
        box = signature.locator("canvas").bounding_box()
        assert box is not None
        self.signatures += 1
        left, middle = box["x"] + 30 + 2 * self.signatures, box["y"] + 90
        self.page.mouse.move(left, middle)
        self.page.mouse.down()
        for step in range(1, 10):
            self.page.mouse.move(left + 22 * step, middle + (40 if step % 2 else -40))
        self.page.mouse.up()
        signature.get_by_role("button", name="确认签名").click()
        expect(signature.locator(".signed img")).to_be_visible()

    def item(self, code: str) -> Locator:
        """The row of an item, of the station that is shown."""
        return self.page.locator(f'[id="item-{code}"]')

    def station(self, name: str) -> None:
        """Walk to a place."""
        self.page.locator(".stations button", has_text=name).click()

    def answer(self, code: str, answer: str = "pass") -> None:
        """One tap."""
        self.item(code).locator(".answers").get_by_role("button", name=_ANSWERS[answer], exact=True).click()

    def answer_rest(self, fails: Sequence[str] = ()) -> int:
        """Next unanswered, one tap, until nothing is left; gives how many were answered."""
        count = 0
        while True:
            button = self.page.locator("button.next")
            if not button.inner_text().startswith("下一个未查项"):
                return count
            button.click()
            row = self.page.locator(".item:has(.answers :focus)")
            code = (row.get_attribute("id") or "").removeprefix("item-")
            self.page.keyboard.press("2" if code in fails else "1")
            expect(row.locator("[aria-pressed=true]").first).to_be_visible()
            count += 1

    def describe(self, code: str, *, safety: bool = False, spot: bool = False, remark: str = "") -> None:
        """What the law asks of a failed item."""
        row = self.item(code)
        row.get_by_role("button", name="影响食品安全" if safety else "轻微，不影响", exact=True).click()
        row.get_by_role("button", name="当场改正" if spot else "7天内").first.click()
        row.get_by_label("补充说明").fill(remark or "现场看到的情况")
        row.get_by_label("补充说明").blur()

    def photograph(self, code: str, count: int = 1) -> None:
        """Photos of an item with the camera of the application."""
        row = self.item(code)
        row.get_by_role("button", name="＋ 拍照").click()
        for number in range(count):
            row.get_by_role("button", name="拍下").click()
            expect(row.locator(".picture img")).to_have_count(number + 1)
        row.get_by_role("button", name="完成").click()

    def decide(self, result: str = "基本符合", handling: str = "书面责令限期整改", reason: str = "") -> None:
        """Result and handling."""
        self.go("认定")
        self.page.get_by_role("button", name=result, exact=True).click()
        self.page.get_by_role("button", name=handling, exact=True).click()
        if reason:
            self.page.fill("#reason", reason)
            self.page.locator("#reason").blur()
        expect(self.page.get_by_text("✓ 已认定")).to_be_visible()

    def close_visit(self) -> None:
        """Told in writing, signed by three, frozen."""
        self.go("签名")
        self.hand_over_link()
        self.page.get_by_role("button", name="当场出示全文，并用单位链接送达").click()
        for place in range(3):
            self.draw(self.page.locator(".signature").nth(place))
        self.page.get_by_role("button", name="签名完成，结束检查").click()
        expect(self.page.get_by_text("这次检查已经签名，内容不再改变")).to_be_visible()

    def hand_over_link(self) -> None:
        """The unit link is shown on the screen and handed over; once it was, it stays so."""
        if self.page.get_by_role("button", name="已交给现场负责人", pressed=True).count():
            return
        self.page.get_by_role("button", name="屏幕出示").click()
        self.page.get_by_role("button", name="已交给现场负责人").click()
        self.page.get_by_role("button", name="收起二维码").click()
        expect(self.page.get_by_role("button", name="已交给现场负责人", pressed=True)).to_be_visible()

    # Looking inside

    def status(self) -> Locator:
        """Network and what has no receipt."""
        return self.page.locator(".status")

    def wait_until_sent(self) -> None:
        """Until everything has the server's receipt."""
        expect(self.status()).to_contain_text("全部已送达", timeout=60_000)

    def ask(self, question: str, value: object = None) -> Any:
        """Ask the running application: a function of it and of one value."""
        return self.page.evaluate(
            f"""async (value) => {{
              const {{ running }} = await import('/static/tablet/main.js');
              return ({question})(running, value);
            }}""",
            value,
        )

    def wait_for(self, question: str, value: object = None) -> None:
        """Until the running application answers with yes."""
        self.page.evaluate(
            f"""async (value) => {{
              const {{ running }} = await import('/static/tablet/main.js');
              while (!({question})(running, value)) await new Promise((done) => {{ setTimeout(done, 50); }});
            }}""",
            value,
        )

    def changes(self, visit: str) -> list[Mapping[str, Any]]:
        """What this tablet holds of a visit."""
        found: list[Mapping[str, Any]] = self.ask(
            "async (running, visit) => (await running.work.loadVisit(visit)).changes", visit
        )
        return found
