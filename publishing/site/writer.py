"""Pages as files: each written aside and renamed into place, with its compressed siblings.

A reader, whichever instant it comes at, gets one whole version of a page. The siblings `.gz` and `.br`
are files of their own, so three renames cannot be one act; the order makes up for it. Old siblings go
first, then the page changes, then the new siblings come: a sibling that exists is always the page's own.
Killed in between, the page stands without siblings and is served as it is, until the next publication
writes it again. A page that is new comes with its siblings in one rename, as a whole folder.
"""

import errno
import os
import shutil
import zlib
from collections.abc import Iterable
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types

PAGE = "index.html"
GZIP_LEVEL = 6
# From 6 on brotli costs several times as much for a page; the window need not exceed a page's size.
BROTLI_QUALITY = 5
BROTLI_WINDOW = 16
COMPRESSED = (".br", ".gz")


def siblings_of(content: bytes) -> tuple[tuple[str, bytes], ...]:
    """The suffix and the bytes of each file that a page becomes, the page itself first."""
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    return (
        ("", content),
        (".gz", packer.compress(content) + packer.flush()),
        (".br", brotli.compress(content, quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW)),
    )


class SiteWriter:
    """Writes below one web root; `scratch` lies beside it, on the same file system."""

    def __init__(self, root: Path, scratch: Path, *, name: str = "0") -> None:
        self.root = os.fspath(root)
        self.scratch = os.path.join(scratch, name)  # noqa: PTH118  # a hundred thousand times: plain strings
        self._next = 0
        Path(self.root).mkdir(parents=True, exist_ok=True)
        Path(self.scratch).mkdir(parents=True, exist_ok=True)

    def write(self, path: str, content: bytes) -> None:
        """Put a page or a file in place, `s/7K3M-92QF/index.html`, with its siblings."""
        files = siblings_of(content)
        folder, _, name = path.rpartition("/")
        if not (name == PAGE and folder and self._place_folder(folder, files)):
            self._place_files(path, files)

    def _aside(self) -> str:
        self._next += 1
        return f"{self.scratch}/{self._next}"

    def _place_folder(self, folder: str, files: Iterable[tuple[str, bytes]]) -> bool:
        """A page in a folder of its own that does not exist yet; false where it exists."""
        target = f"{self.root}/{folder}"
        if os.path.exists(target):  # noqa: PTH110  # plain strings, see above
            return False
        aside = self._aside()
        os.mkdir(aside)  # noqa: PTH102
        for suffix, content in files:
            _write_file(f"{aside}/{PAGE}{suffix}", content)
        try:
            os.rename(aside, target)  # noqa: PTH104
        except FileNotFoundError:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            os.rename(aside, target)  # noqa: PTH104
        return True

    def _place_files(self, path: str, files: Iterable[tuple[str, bytes]]) -> None:
        target = f"{self.root}/{path}"
        placed = []
        for suffix, content in files:
            aside = self._aside()
            _write_file(aside, content)
            placed.append((aside, target + suffix))
        _date_after(target, [aside for aside, _ in placed])
        self._drop(target, COMPRESSED)
        for aside, final in placed:
            try:
                os.rename(aside, final)  # noqa: PTH104
            except FileNotFoundError:
                Path(final).parent.mkdir(parents=True, exist_ok=True)
                os.rename(aside, final)  # noqa: PTH104

    def remove(self, path: str) -> None:
        """Take a page away, siblings first, and its folder when it is empty; twice does no harm."""
        target = f"{self.root}/{path}"
        self._drop(target, (*COMPRESSED, ""))
        folder, _, _name = path.rpartition("/")
        if folder:
            _drop_empty_folder(f"{self.root}/{folder}")

    def remove_folder(self, folder: str) -> None:
        """Take away a folder that no page of the site lies in any more."""
        shutil.rmtree(f"{self.root}/{folder}")

    def folders(self, parent: str) -> set[str]:
        """The names of the folders that exist below a folder of the site."""
        try:
            with os.scandir(f"{self.root}/{parent}") as entries:
                return {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
        except FileNotFoundError:
            return set()

    @staticmethod
    def _drop(target: str, suffixes: Iterable[str]) -> None:
        for suffix in suffixes:
            try:
                os.unlink(target + suffix)  # noqa: PTH108
            except FileNotFoundError:
                continue


def sweep(scratch: Path) -> None:
    """Remove what a killed publication left aside; only the one publisher may do this."""
    shutil.rmtree(scratch, ignore_errors=True)


def _write_file(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        written = os.write(descriptor, content)
        while written < len(content):
            written += os.write(descriptor, content[written:])
    finally:
        os.close(descriptor)


def _date_after(present: str, asides: Iterable[str]) -> None:
    """Date new files at least a whole second after the page and the siblings that they replace.

    Web servers tell versions apart by second and size: within one second a name may have been withdrawn.
    """
    try:
        # A sibling may have been written in the second after its page.
        earliest = int(os.stat(present).st_mtime) + 2  # noqa: PTH116  # plain strings, see above
    except FileNotFoundError:
        return
    for aside in asides:
        if os.stat(aside).st_mtime < earliest:  # noqa: PTH116
            os.utime(aside, (earliest, earliest))


def _drop_empty_folder(folder: str) -> None:
    try:
        os.rmdir(folder)  # noqa: PTH106
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST):
            raise
