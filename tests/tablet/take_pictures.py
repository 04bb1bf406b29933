"""Take the READMEs' picture of the tablet: `python -m tests.tablet.take_pictures`; nothing needs to run."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from inspections.record.database import open_database
from inspections.record.migrate import migrate
from tests.tablet.conftest import FieldServer, add_earlier_visit, served
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, assign, open_field_bureau

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "tablet-landscape.png"


def main() -> None:
    """A visit in the middle of its walk, without a network, on a tablet held sideways."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir()
        engine = open_database(f"sqlite:///{data / 'honghei.sqlite'}")
        migrate(engine)
        bureau = open_field_bureau(engine)
        add_earlier_visit(bureau)
        assign(bureau)
        with served(data) as server, sync_playwright() as playwright:
            tablet = Tablet(playwright, Path(name) / "profile", server.address).start()
            _walk(tablet, FieldServer(server.address, data, bureau))
            tablet.page.screenshot(path=str(PICTURE))
            tablet.close()
        engine.dispose()


def _walk(tablet: Tablet, server: FieldServer) -> None:
    tablet.begin_offline(LEAD, server.enrolment())
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    for code in ("2.3", "P5.02"):
        tablet.answer(code)
    tablet.station("库房")
    for code in ("2.1", "2.2", "2.4", "2.5"):
        tablet.answer(code)
    tablet.answer("2.6", "fail")
    row = tablet.item("2.6")
    row.get_by_role("button", name="有超过保质期的原料").click()
    row.get_by_role("button", name="影响食品安全", exact=True).click()
    row.get_by_role("button", name="7天内").first.click()
    row.scroll_into_view_if_needed()
    tablet.page.locator(".items").hover()


if __name__ == "__main__":
    main()
