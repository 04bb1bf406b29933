"""The bureau's recovery key: tablets wrap their data key with its public half; a forgotten PIN loses nothing.

The private half is a file that the administrator keeps, under a passphrase; it is stored nowhere else.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session, col, select

from inspections.people.passwords import SHORTEST
from inspections.people.tables import ExportOpening, RecoveryKey, Tablet
from inspections.record.audit import declare_event, write_audit
from inspections.record.errors import HouseError

RECOVERY_KEY_MADE = declare_event("recovery_key_made", "fingerprint")
EXPORT_OPENED = declare_event("export_opened", "tablet", "file_sha256", "reason")

EXPORT_FORMAT, EXPORT_VERSION = "hhb-tablet-export", 1
_KEY_BITS = 3072
# What the format of the encrypted key can hold, in bytes.
_LONGEST = 1023
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class RecoveryError(HouseError):
    """A recovery key or an export that does not open."""


@dataclass(frozen=True)
class PublicRecoveryKey:
    """What a tablet wraps its data key with."""

    fingerprint: str
    public_key: str

    @property
    def short(self) -> str:
        """The beginning of its fingerprint, as people compare it."""
        return self.fingerprint[:16]


@dataclass(frozen=True)
class OpenedExport:
    """What a tablet held: its changes as they are sent, its photos with their bytes."""

    tablet_id: int
    account_id: int
    account_name: str
    changes: list[dict[str, Any]] = field(default_factory=list)
    photos: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)


def make_recovery_key(session: Session, *, passphrase: str, actor: str, now: datetime) -> bytes:
    """Make a key pair, retire the one before, and give the encrypted private half to be kept in a file."""
    if len(passphrase) < SHORTEST:
        raise RecoveryError(f"口令不足 {SHORTEST} 个字符；请换一个更长的，并和密钥文件分开保管。")
    if len(passphrase.encode()) > _LONGEST:
        raise RecoveryError("口令太长；请换一个不超过 200 个字的。")
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    fingerprint = fingerprint_of_key(key.public_key())
    for old in session.exec(select(RecoveryKey).where(col(RecoveryKey.retired_at).is_(None))):
        old.retired_at = now
        session.add(old)
    session.add(RecoveryKey(fingerprint=fingerprint, public_key=public.decode(), made_at=now, made_by=actor))
    write_audit(session, RECOVERY_KEY_MADE, actor=actor, now=now, fields={"fingerprint": fingerprint})
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def recovery_key(session: Session) -> PublicRecoveryKey | None:
    """The recovery key in use; none where the bureau has not made one."""
    query = (
        select(RecoveryKey).where(col(RecoveryKey.retired_at).is_(None)).order_by(col(RecoveryKey.id).desc())
    )
    row = session.exec(query).first()
    return None if row is None else PublicRecoveryKey(row.fingerprint, row.public_key)


def fingerprint_of_key(key: rsa.RSAPublicKey) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo, in hex."""
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def open_export(
    session: Session,
    export: bytes,
    private_key: bytes,
    passphrase: str,
    *,
    reason: str,
    actor: str,
    now: datetime,
) -> OpenedExport:
    """Open what a tablet exported, with the bureau's private key; every opening is logged with its reason.

    `docs/tablet-sync.md` describes the file: records sealed one by one, and their key in wrapped form.
    """
    if not reason.strip():
        raise RecoveryError("打开导出文件要写明理由（例如：PIN 遗忘、平板遗失）；没有打开。")
    container = _container(export)
    tablet = session.exec(select(Tablet).where(Tablet.public_id == str(container.get("tablet")))).first()
    if tablet is None:
        raise RecoveryError("这个文件不是本局登记过的平板导出的；请核对文件。")
    account = container["account"]
    opened = OpenedExport(tablet.id or 0, int(account["id"]), str(account["name"]))
    _read_records(container, _private(private_key, passphrase), opened)
    digest = hashlib.sha256(export).hexdigest()
    session.add(
        ExportOpening(
            tablet_id=tablet.id or 0,
            file_sha256=digest,
            opened_by=actor,
            opened_at=now,
            reason=reason.strip(),
        )
    )
    fields = {"tablet": tablet.label, "file_sha256": digest, "reason": reason.strip()}
    write_audit(session, EXPORT_OPENED, actor=actor, now=now, fields=fields)
    return opened


def _container(export: bytes) -> dict[str, Any]:
    try:
        container = json.loads(export)
    except ValueError as error:
        raise RecoveryError("这不是平板的导出文件（读不成 JSON）；请在平板上重新导出。") from error
    is_known = (
        isinstance(container, dict)
        and container.get("format") == EXPORT_FORMAT
        and container.get("version") == EXPORT_VERSION
        and isinstance(container.get("records"), list)
        and isinstance(container.get("account"), dict)
        and {"id", "name"} <= container["account"].keys()
    )
    if not is_known:
        raise RecoveryError("这不是平板的导出文件，或是别的版本；请在平板上重新导出。")
    return dict(container)


def _private(private_key: bytes, passphrase: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(private_key, passphrase.encode())
    except (ValueError, TypeError) as error:
        raise RecoveryError("恢复密钥打不开：口令不对，或文件不是恢复密钥；请核对后再试。") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise RecoveryError("这个文件不是恢复密钥；请换成生成时保存的文件。")
    return key


def _read_records(container: Mapping[str, Any], key: rsa.RSAPrivateKey, opened: OpenedExport) -> None:
    """Open every record of changes, photos and recordings; other records are for a tablet alone."""
    recorded: list[tuple[dict[str, Any], bytes]] = []
    try:
        data_key = AESGCM(key.decrypt(_bytes(_wrapped_for(container, key)["wrapped"]), _OAEP))
        for record in container["records"]:
            store = record["store"]
            if store not in {"changes", "photos", "recorded"}:
                continue
            place = f"{store}/{record['id']}".encode()
            content = data_key.decrypt(_bytes(record["iv"]), _bytes(record["data"]), place)
            if store == "photos":
                opened.photos.append((record["clear"], content))
            elif store == "recorded":
                recorded.append((record["clear"], content))
            else:
                opened.changes.append({**record["clear"], **json.loads(content)})
        opened.photos.extend(_cut_off(recorded))
    except (ValueError, KeyError, TypeError, InvalidTag) as error:
        raise RecoveryError("导出文件不完整或被改动过，打不开；请在平板上重新导出。") from error


def _cut_off(parts: list[tuple[dict[str, Any], bytes]]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Recordings that nobody ended, each in one, as the tablet would have kept them."""
    parts.sort(key=lambda part: (str(part[0]["recording"]), int(part[0]["number"])))
    for _, of_one in groupby(parts, lambda part: part[0]["recording"]):
        clears, contents = zip(*of_one, strict=True)
        whole, first = b"".join(contents), clears[0]
        clear = {"visit": first["visit"], "media_type": first["media_type"], "taken_at": first["begun_at"]}
        digest = hashlib.sha256(whole).hexdigest()
        yield {**clear, "sha256": digest, "size_bytes": len(whole), "state": "unsent"}, whole


def _wrapped_for(container: Mapping[str, Any], key: rsa.RSAPrivateKey) -> Mapping[str, Any]:
    """The records' key as it was wrapped for this recovery key."""
    fingerprint = fingerprint_of_key(key.public_key())
    for row in container.get("keys", []):
        if row.get("kind") == "recovery" and row.get("fingerprint") == fingerprint:
            found: Mapping[str, Any] = row
            return found
    raise RecoveryError("这个导出文件用的是另一把恢复密钥，或没有恢复密钥；请换成与它对应的密钥文件。")


def _bytes(value: object) -> bytes:
    return base64.b64decode(str(value), validate=True)
