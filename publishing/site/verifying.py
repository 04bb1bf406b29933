"""Checks of the published files: every recorded page with its compressed siblings, and nothing besides."""

import sqlite3
import stat
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, select

from inspections.record.command_line import CLI
from inspections.record.verifying import Findings
from publishing.site.service import PUBLICATION
from publishing.site.tables import SitePage
from publishing.site.writer import COMPRESSED

_CURE = f"运行 {CLI} publish --full 重写"


def look_at_site(session: Session, root: Path, *, for_others: bool = False) -> Findings:
    """Every recorded page: it is there, whole, and its siblings unpack to the same bytes.

    `for_others` asks too whether other users of the machine may read it: nginx is one.
    """
    pages = dict(session.exec(select(SitePage.path, SitePage.facts_sha256)).all())
    if not pages:
        return
    for path, facts in sorted(pages.items()):
        yield f"{path} 没有写完；{_CURE}" if not facts else _fault_of(root, path)
    yield _fault_of(root, PUBLICATION)
    for path in _strangers(root, {*pages, PUBLICATION}):
        yield f"{path} 不在发布记录里；{_CURE}"
    if for_others:
        yield closed_to_others(root, root.rglob("*"))


def _fault_of(root: Path, path: str) -> str | None:
    try:
        content = (root / path).read_bytes()
        unpacked = {suffix: _unpacked(root / f"{path}{suffix}", suffix) for suffix in COMPRESSED}
    except OSError as error:
        return f"{error.filename} 读不出来（{error.strerror}）；{_CURE}"
    except (zlib.error, brotli.error):
        return f"{path} 的压缩文件已损坏；{_CURE}"
    if any(other != content for other in unpacked.values()):
        return f"{path} 与它的压缩文件不一致：其中一个被改动；{_CURE}"
    return None


def _unpacked(file: Path, suffix: str) -> bytes:
    content = file.read_bytes()
    if suffix == ".gz":
        return zlib.decompress(content, 31)
    unpacked: bytes = brotli.decompress(content)
    return unpacked


def _strangers(root: Path, known: set[str]) -> Iterator[str]:
    expected = {path + suffix for path in known for suffix in ("", *COMPRESSED)}
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root).as_posix()
        if file.is_file() and path not in expected:
            yield path


def closed_to_others(top: Path, places: Iterable[Path]) -> str | None:
    """What below a folder other users of the machine, such as nginx, cannot read; none where all is read."""
    closed = [place for place in (top, *places) if not _is_open(place)]
    if not closed:
        return None
    more = f"等 {len(closed)} 处" if len(closed) > 1 else ""
    return f"{closed[0]}{more} 只有自己的用户读得到，nginx 和检索打不开；请检查定时任务的 UMask，再{_CURE}"


def _is_open(place: Path) -> bool:
    needed = stat.S_IROTH | stat.S_IXOTH if place.is_dir() else stat.S_IROTH
    return place.stat().st_mode & needed == needed


def look_at_search_file(file: Path, *, for_others: bool = False) -> Findings:
    """The search file's own structure, where there is one, and whether others may read it."""
    if not file.exists():
        return
    if for_others:
        yield closed_to_others(file.parent, [file])
    database = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        answers = [str(row[0]) for row in database.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        answers = [str(error)]
    finally:
        database.close()
    yield None if answers == ["ok"] else f"查找文件已损坏（{answers[0]}）；{_CURE}"
