"""A preview shows any day, is marked on every page, and leaves the live site and every record alone."""

from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import SQLModel

from app import create_app  # noqa: TID251  # readers meet the whole application
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.settings import set_setting
from inspections.surface.terminal import for_people
from publishing.editions.tables import EditionKind
from publishing.search.finding import find, open_published
from publishing.search.language import read_search
from publishing.site.batches import PublicationError
from publishing.site.commands import publish as publish_command
from publishing.site.preview import preview
from tests.publishing.site.town import Town, add_edition


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def everything(town: Town) -> dict[str, list[tuple[object, ...]]]:
    with read_only(town.house.engine) as session:
        return {
            table.name: [tuple(row) for row in session.execute(table.select())]
            for table in SQLModel.metadata.sorted_tables
        }


def test_a_preview_touches_neither_the_live_site_nor_any_record(
    town: Town, now: datetime, tmp_path: Path
) -> None:
    town.publish(now)
    with transaction(town.house.engine) as session:
        add_edition(session, "2026-10", date(2026, 11, 5), ("red", "某店", None))
    live = files(town.site) | files(town.search_file.parent)
    rows = everything(town)
    preview(town.house, on=date(2026, 11, 24), out=tmp_path / "out")
    assert files(town.site) | files(town.search_file.parent) == live
    assert everything(town) == rows


def test_every_page_of_a_preview_says_so(town: Town, tmp_path: Path) -> None:
    summary = preview(town.house, on=date(2026, 11, 24), out=tmp_path / "out")
    pages = list((tmp_path / "out" / "site").rglob("*.html"))
    assert len(pages) > 5
    assert summary.pages >= len(pages)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "预览，截至" in text, page
        assert "2026年11月24日" in text, page
        assert "noindex" in text, page


def test_a_preview_shows_settings_editions_and_visits_of_its_day(
    town: Town, now: datetime, tmp_path: Path
) -> None:
    with transaction(town.house.engine) as session:
        add_edition(session, "2026-10", date(2026, 11, 5), ("black", "当时在榜的店", None))
        set_setting(
            session, key="contact", value="新的地址", from_on=date(2026, 11, 10), actor="赵强", now=now
        )
    seen = {}
    for day in (date(2026, 10, 9), date(2026, 11, 5), date(2027, 3, 1)):
        out = tmp_path / str(day)
        preview(town.house, on=day, out=out)
        storefront = (out / "site" / "s" / town.codes["dumplings"] / "index.html").read_text()
        with open_published(out / "search" / "site.sqlite") as database:
            found = find(database, read_search({"q": "当时在榜"}))[1].total
        seen[day] = ("2026年10月10日" in storefront, "新的地址" in storefront, found)
    assert list(seen.values()) == [(False, False, 0), (True, False, 1), (True, True, 0)]


def test_a_preview_goes_only_into_an_empty_folder_outside_the_data(town: Town, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "letter.txt").write_text("keep")
    data = town.house.configuration.data
    for out in (taken, taken / "letter.txt", data, data / "preview", data.parent):
        with pytest.raises(PublicationError):
            preview(town.house, on=date(2026, 11, 24), out=out)
    assert (taken / "letter.txt").read_text() == "keep"


def test_a_preview_is_looked_at_like_the_site_search_included(town: Town, tmp_path: Path) -> None:
    with transaction(town.house.engine) as session:
        add_edition(session, "2026-10", date(2026, 11, 5), ("black", "当时在榜的店", None))
    out = tmp_path / "out"
    preview(town.house, on=date(2026, 11, 24), out=out)
    reader = create_app(Configuration(data=out)).test_client()
    for path in ("/editions/2026-10/", "/search?q=在榜", "/s/2222-2222/", "/nothing/"):
        text = reader.get(path).get_data(as_text=True)
        assert "预览，截至" in text, path
    assert "当时在榜的店" in reader.get("/search?q=在榜").get_data(as_text=True)


def test_the_commands_say_what_they_did(town: Town, tmp_path: Path) -> None:
    command = for_people(publish_command)
    done = CliRunner().invoke(command, [], obj=town.house)
    assert done.exit_code == 0, done.output
    assert "已发布" in done.output
    done = CliRunner().invoke(
        command, ["--on", "2026-11-24", "--out", str(tmp_path / "out"), "--json"], obj=town.house
    )
    assert done.exit_code == 0, done.output
    assert '"pages"' in done.output.splitlines()[-1]
    done = CliRunner().invoke(
        command, ["--on", "2026-11-24", "--out", str(tmp_path / "again")], obj=town.house
    )
    assert f"HHB_DATA={tmp_path / 'again'} flask --app app run" in done.output


@pytest.mark.parametrize(
    "arguments", [["--on", "2026-11-24"], ["--out", "x"], ["--on", "heute", "--out", "x"]]
)
def test_half_a_preview_is_refused_with_the_cure(town: Town, arguments: list[str]) -> None:
    done = CliRunner().invoke(for_people(publish_command), arguments, obj=town.house)
    assert done.exit_code == 2
    assert "--on" in done.output or "2026-11-24" in done.output
    assert not town.site.exists()


def test_a_day_before_the_first_settings_is_previewed_with_those(town: Town, tmp_path: Path) -> None:
    with transaction(town.house.engine) as session:
        add_edition(
            session, "old-1", date(2022, 12, 29), ("red", "多年前的店", None), kind=EditionKind.HISTORICAL
        )
    preview(town.house, on=date(2022, 12, 30), out=tmp_path / "out")
    page = (tmp_path / "out" / "site" / "editions" / "old-1" / "1" / "index.html").read_text()
    assert "多年前的店" in page
    with open_published(tmp_path / "out" / "search" / "site.sqlite") as database:
        assert find(database, read_search({"q": "多年前"}))[1].total == 1


def test_a_directory_that_nobody_began_is_told_how_to_begin(database: Engine, data_directory: Path) -> None:
    house = House(Configuration(data=data_directory), database)
    done = CliRunner().invoke(for_people(publish_command), [], obj=house)
    assert done.exit_code == 1
    assert "flask --app app init" in done.output
    assert not house.configuration.site_directory.exists()
