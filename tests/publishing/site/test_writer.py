"""Files of the site: whole, with siblings that are always the page's own, and nothing left aside."""

import gzip
import os
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from publishing.site import writer as module
from publishing.site.writer import SiteWriter, sweep

PATH = "s/7K3M-92QF/index.html"


@pytest.fixture
def writer(tmp_path: Path) -> SiteWriter:
    return SiteWriter(tmp_path / "site", tmp_path / "site.part")


def versions(root: Path, path: str = PATH) -> set[bytes]:
    """What readers of each encoding get."""
    page = root / path
    found = {page.read_bytes()}
    if (packed := page.with_name(page.name + ".gz")).exists():
        found.add(gzip.decompress(packed.read_bytes()))
    if (packed := page.with_name(page.name + ".br")).exists():
        found.add(brotli.decompress(packed.read_bytes()))
    return found


@pytest.mark.parametrize("path", [PATH, "index.html", "robots.txt", "editions/2026-10/3/index.html"])
def test_a_page_and_its_siblings_say_the_same(writer: SiteWriter, tmp_path: Path, path: str) -> None:
    for content in (b"first", b"second, longer than the first", b""):
        writer.write(path, content)
        assert versions(tmp_path / "site", path) == {content}
        assert len(list((tmp_path / "site" / path).parent.iterdir())) >= 3
    assert not any((tmp_path / "site.part" / "0").iterdir())


def test_at_no_instant_of_a_change_does_a_sibling_say_something_else(
    writer: SiteWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.write(PATH, b"old")
    seen: list[set[bytes]] = []
    for name in ("rename", "unlink", "open"):
        real = getattr(os, name)

        def watched(*arguments: object, real: object = real) -> object:
            before = versions(tmp_path / "site")
            result = real(*arguments)  # type: ignore[operator]  # the real call of the system
            seen.extend((before, versions(tmp_path / "site")))
            return result

        monkeypatch.setattr(os, name, watched)
    writer.write(PATH, b"new")
    monkeypatch.undo()
    assert {len(instant) for instant in seen} == {1}
    assert seen[0] == {b"old"}
    assert seen[-1] == {b"new"}


def test_no_two_versions_of_a_page_share_the_second_by_which_web_servers_tell_them_apart(
    writer: SiteWriter, tmp_path: Path
) -> None:
    place = tmp_path / "site" / PATH
    seen: set[int] = set()
    for content in (b"a name", b"no name", b"again"):
        writer.write(PATH, content)
        dates = {int(path.stat().st_mtime) for path in place.parent.iterdir()}
        assert not dates & seen, "within one second a name may have been withdrawn"
        seen |= dates


def test_a_removed_page_leaves_no_sibling_and_no_folder(writer: SiteWriter, tmp_path: Path) -> None:
    writer.write(PATH, b"page")
    writer.remove(PATH)
    writer.remove(PATH)
    assert not (tmp_path / "site" / "s" / "7K3M-92QF").exists()


def test_an_edition_page_that_goes_leaves_the_pages_of_its_entries(
    writer: SiteWriter, tmp_path: Path
) -> None:
    writer.write("editions/2026-10/index.html", b"edition")
    writer.write("editions/2026-10/1/index.html", b"entry")
    writer.remove("editions/2026-10/index.html")
    assert (tmp_path / "site" / "editions" / "2026-10" / "1" / "index.html").exists()


def test_an_entry_may_be_written_before_its_edition(writer: SiteWriter, tmp_path: Path) -> None:
    writer.write("editions/2026-10/1/index.html", b"entry")
    writer.write("editions/2026-10/index.html", b"edition")
    assert versions(tmp_path / "site", "editions/2026-10/index.html") == {b"edition"}


def test_what_a_killed_publication_left_aside_is_swept(writer: SiteWriter, tmp_path: Path) -> None:
    (tmp_path / "site.part" / "worker-1" / "17").mkdir(parents=True)
    sweep(tmp_path / "site.part")
    sweep(tmp_path / "site.part")
    assert not (tmp_path / "site.part").exists()


def test_the_same_facts_give_the_same_bytes(writer: SiteWriter) -> None:
    assert module.siblings_of(b"facts" * 100) == module.siblings_of(b"facts" * 100)
