"""Documents kept as evidence: stored once, named by their SHA-256, never overwritten."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from inspections.record.errors import HouseError

# A file that a killed process was still writing; nothing speaks of it.
PART_SUFFIX = ".part"
LARGEST_BYTES = 50 * 1024 * 1024


class EvidenceError(HouseError):
    """A document cannot be taken as evidence."""


@dataclass(frozen=True)
class KeptDocument:
    """A document in the evidence directory."""

    name: str
    sha256: str


def place_of(directory: Path, sha256: str) -> Path:
    """Where a document with this hash lies."""
    return directory / sha256[:2] / sha256


def keep_document(directory: Path, source: Path) -> KeptDocument:
    """Copy a file into the evidence directory under its SHA-256; keeping it twice changes nothing."""
    if not source.is_file():
        raise EvidenceError(f"找不到文件 {source}；请检查路径。")
    if source.stat().st_size > LARGEST_BYTES:
        raise EvidenceError(f"{source.name} 超过 50 MB；请换成较小的扫描件。")
    content = source.read_bytes()
    if not content:
        raise EvidenceError(f"{source.name} 是空文件；请换成有内容的文件。")
    return KeptDocument(source.name, keep_bytes(directory, content))


def keep_bytes(directory: Path, content: bytes) -> str:
    """Keep bytes under their SHA-256, durable before this returns; keeping them twice changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = place_of(directory, sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, content)
    return sha256


def write_durably(target: Path, content: bytes) -> None:
    """Write a file whole or not at all; what it holds and its name survive a power failure."""
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=PART_SUFFIX, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
