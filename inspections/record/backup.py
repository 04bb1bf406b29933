"""Backups while the system is writing: databases as of one moment, evidence by hash, a manifest over all.

A target folder holds any number of backups; they share one store of evidence, which only ever grows.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url

from inspections.record.command_line import CLI
from inspections.record.errors import HouseError
from inspections.record.evidence import PART_SUFFIX, place_of
from inspections.record.postgres_tools import count_tables, dump, restore_dump, table_in_dump

FORMAT = "hhb-backup-1"
MANIFEST = "manifest.json"
MANIFEST_DIGEST = "manifest.json.sha256"
EVIDENCE = "evidence"
_SQLITE, _DUMP = ".sqlite", ".pgdump"
_SCHEMA_TABLE = "alembic_version"
_CHUNK = 1024 * 1024


class BackupError(HouseError):
    """A backup cannot be made, is not whole, or cannot be restored where it was asked to."""


@dataclass(frozen=True)
class DatabasePart:
    """A database to be kept: its name in the backup, and its address."""

    name: str
    url: str

    @property
    def is_embedded(self) -> bool:
        """Whether it is a SQLite file."""
        return make_url(self.url).get_backend_name() == "sqlite"

    @property
    def file(self) -> Path:
        """The file of an embedded database."""
        return Path(make_url(self.url).database or "")

    @property
    def kept_as(self) -> str:
        """The name of its file in a backup."""
        return f"{self.name}{_SQLITE if self.is_embedded else _DUMP}"


@dataclass(frozen=True)
class KeptParts:
    """Everything a backup holds: databases, the evidence folder, and small files beside them."""

    databases: tuple[DatabasePart, ...]
    evidence: Path
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself: each file with its SHA-256, and which documents belong to it."""

    made_at: str
    files: Mapping[str, str]
    evidence: Sequence[str]
    format: str = FORMAT


@dataclass(frozen=True)
class MadeBackup:
    """A completed backup."""

    folder: Path
    manifest_sha256: str
    documents: int
    new_documents: int


def make_backup(parts: KeptParts, target: Path, now: datetime) -> MadeBackup:
    """Back everything up into a new folder below `target`; killed anywhere, it leaves no half backup."""
    name = f"backup-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    folder, unfinished = target / name, target / f"{name}.part"
    if folder.exists():
        raise BackupError(f"{folder} 已经有了；同一秒不能备份两次，请稍后再试。")
    try:
        target.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        files = dict(_kept_databases(parts.databases, unfinished))
        for kept, source in parts.files.items():
            if source.exists():
                files[kept] = _copy(source, unfinished / kept)
        # Evidence is durable before a row names it: copied after the databases, it lacks nothing they name.
        documents, new = _keep_evidence(parts.evidence, target / EVIDENCE)
        manifest = Manifest(now.astimezone(UTC).isoformat(), files, documents)
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True).encode()
        _write(unfinished / MANIFEST, text)
        _write(unfinished / MANIFEST_DIGEST, f"{hashlib.sha256(text).hexdigest()}  {MANIFEST}\n".encode())
        _sync_folder(unfinished)
        unfinished.rename(folder)
        _sync_folder(target)
    except OSError as error:
        raise BackupError(
            f"备份没有完成：{error.filename or target}（{error.strerror}）；请检查备份目录的空间和权限。"
        ) from error
    return MadeBackup(folder, hashlib.sha256(text).hexdigest(), len(documents), new)


def check_backup(folder: Path) -> tuple[Manifest, list[str]]:
    """Read a backup's manifest and name everything in it that is missing or changed."""
    manifest = manifest_of(folder)
    faults = [
        f"{folder / name}：{'不见了' if digest is None else '内容被改动过'}"
        for name, expected in manifest.files.items()
        if (digest := _digest_of(folder / name)) != expected
    ]
    store = folder.parent / EVIDENCE
    for sha256 in manifest.evidence:
        path = place_of(store, sha256)
        digest = _digest_of(path)
        if digest != sha256:
            faults.append(f"{path}：{'不见了' if digest is None else '内容被改动过'}")
    return manifest, faults


def schema_of_kept(kept: Path) -> str | None:
    """The schema version of a database in a backup, read from its file; none where it has none."""
    if kept.suffix == _DUMP:
        return next(iter(table_in_dump(kept, _SCHEMA_TABLE)), None)
    with closing(sqlite3.connect(f"{kept.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        found = copy.execute("SELECT name FROM sqlite_master WHERE name = ?", [_SCHEMA_TABLE]).fetchone()
        row = copy.execute(f"SELECT version_num FROM {_SCHEMA_TABLE}").fetchone() if found else None  # noqa: S608
    return None if row is None else str(row[0])


def restore_backup(
    folder: Path, parts: KeptParts, *, unfit: Callable[[Path, Manifest], Sequence[str]] = lambda *_: ()
) -> Manifest:
    """Put a whole backup back into empty places; nothing is touched unless everything in it is sound.

    `unfit` says what else speaks against a backup that is whole.
    """
    manifest, faults = check_backup(folder)
    if not faults and (against := unfit(folder, manifest)):
        raise BackupError("；".join(against) + "没有恢复任何内容。")
    if faults:
        raise BackupError("备份不完整，没有恢复任何内容：" + "；".join(faults[:10]) + "。请换用另一份备份。")
    _refuse_filled_places(manifest, parts)
    for database in parts.databases:
        _put_back(database, folder / database.kept_as)
    for kept, place in parts.files.items():
        if kept in manifest.files:
            place.parent.mkdir(parents=True, exist_ok=True)
            _copy(folder / kept, place, mode=0o600)
    for sha256 in manifest.evidence:
        place = place_of(parts.evidence, sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        _copy(place_of(folder.parent / EVIDENCE, sha256), place)
    return manifest


def _kept_databases(databases: Sequence[DatabasePart], folder: Path) -> Iterator[tuple[str, str]]:
    for database in databases:
        kept = folder / database.kept_as
        if database.is_embedded:
            _copy_sqlite(database.file, kept)
        else:
            dump(database.url, kept)
        _sync_file(kept)
        digest = _digest_of(kept)
        if digest is not None:
            yield kept.name, digest


def _copy_sqlite(source: Path, kept: Path) -> None:
    if not source.exists():
        raise BackupError(f"找不到数据库 {source}；请核对 HHB_DATA，新的目录先运行 {CLI} migrate。")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(kept)) as copy:
        # In one step: other processes go on writing, and the copy is one moment of the database.
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        fault = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if fault != "ok":
        raise BackupError(f"数据库 {source} 已经损坏（{fault}）；没有完成备份，请从上一份备份恢复。")


def _keep_evidence(source: Path, store: Path) -> tuple[list[str], int]:
    documents: list[str] = []
    new = 0
    for path in sorted(source.glob("??/*")):
        if path.suffix == PART_SUFFIX:
            continue
        place = place_of(store, path.name)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished = place.with_suffix(PART_SUFFIX)
            if _copy(path, unfinished) != path.name:
                unfinished.unlink()
                raise BackupError(
                    f"证据文件 {path} 的内容被改动过；没有完成备份，请从上一份备份取回这个文件。"
                )
            unfinished.rename(place)
            new += 1
        documents.append(path.name)
    return documents, new


def manifest_of(folder: Path) -> Manifest:
    """What a backup says of itself; nothing but that is looked at."""
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() not in (folder / MANIFEST_DIGEST).read_text(encoding="utf-8"):
            raise BackupError(f"{path}：内容被改动过；请换用另一份备份。")
        read = json.loads(content)
        manifest = Manifest(read["made_at"], read["files"], read["evidence"], read["format"])
    except FileNotFoundError as error:
        name = Path(error.filename).name
        raise BackupError(f"{folder} 里没有 {name}，不是一份完整的备份；请核对目录。") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{path} 读不懂；它可能是别的程序写的，请核对目录。") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{path} 是 {manifest.format} 格式，本程序只认识 {FORMAT}；请换用对应版本的程序。")
    return manifest


def _refuse_filled_places(manifest: Manifest, parts: KeptParts) -> None:
    for database in parts.databases:
        if database.kept_as not in manifest.files:
            raise BackupError(
                f"备份里没有 {database.kept_as}：它来自另一种数据库；"
                "请把 HHB_DATABASE_URL 和 HHB_INBOX_URL 设成备份时的那一种。"
            )
        _refuse_filled(database)
    if parts.evidence.exists() and any(parts.evidence.iterdir()):
        raise BackupError(f"{parts.evidence} 里已有文件；只能恢复到空的数据目录，请换一个 HHB_DATA。")


def _refuse_filled(database: DatabasePart) -> None:
    if database.is_embedded:
        if database.file.exists():
            raise BackupError(f"{database.file} 已经有了；只能恢复到空的数据目录，请换一个 HHB_DATA。")
        return
    if count_tables(database.url):
        raise BackupError(f"数据库 {database.name} 里已有表；只能恢复到空的数据库，请新建一个。")


def _put_back(database: DatabasePart, kept: Path) -> None:
    if database.is_embedded:
        database.file.parent.mkdir(parents=True, exist_ok=True)
        _copy(kept, database.file, mode=0o600)
    else:
        restore_dump(database.url, kept)


def _copy(source: Path, target: Path, *, mode: int | None = None) -> str:
    """Copy a file durably and give the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        if mode is not None:
            os.fchmod(writing.fileno(), mode)
        while chunk := reading.read(_CHUNK):
            digest.update(chunk)
            writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def _digest_of(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
