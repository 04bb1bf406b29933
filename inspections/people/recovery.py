"""The bureau's recovery key: tablets wrap their data key with its public half; a forgotten PIN loses nothing.

The private half is a file that the administrator keeps, under a passphrase; it is stored nowhere else.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

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

EXPORT_FORMAT = "hhb-tablet-export-1"
_KEY_BITS = 3072
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class RecoveryError(HouseError):
    """A recovery key or an export that does not open."""


@dataclass(frozen=True)
class PublicRecoveryKey:
    """What a tablet wraps its data key with."""

    fingerprint: str
    public_key: str


def make_recovery_key(session: Session, *, passphrase: str, actor: str, now: datetime) -> bytes:
    """Make a key pair, retire the one before, and give the encrypted private half to be kept in a file."""
    if len(passphrase) < SHORTEST:
        raise RecoveryError(f"口令不足 {SHORTEST} 个字符；请换一个更长的，并和密钥文件分开保管。")
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
) -> dict[str, object]:
    """Open what a tablet exported, with the bureau's private key; every opening is logged with its reason.

    The export is JSON: `format`, `tablet`, `recovery` (`fingerprint`, `key`: the data key under RSA-OAEP),
    `iv`, `content` (AES-256-GCM), all bytes in base 64.
    """
    if not reason.strip():
        raise RecoveryError("打开导出文件要写明理由（例如：PIN 遗忘、平板遗失）；没有打开。")
    container = _container(export)
    tablet = session.exec(select(Tablet).where(Tablet.public_id == str(container.get("tablet")))).first()
    if tablet is None:
        raise RecoveryError("这个文件不是本局登记过的平板导出的；请核对文件。")
    content = _decrypted(container, _private(private_key, passphrase))
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
    opened: dict[str, object] = json.loads(content)
    return opened


def _container(export: bytes) -> dict[str, object]:
    try:
        container = json.loads(export)
    except ValueError as error:
        raise RecoveryError("这不是平板的导出文件（读不成 JSON）；请在平板上重新导出。") from error
    if not isinstance(container, dict) or container.get("format") != EXPORT_FORMAT:
        raise RecoveryError("这不是平板的导出文件，或是别的版本；请在平板上重新导出。")
    return container


def _private(private_key: bytes, passphrase: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(private_key, passphrase.encode())
    except (ValueError, TypeError) as error:
        raise RecoveryError("恢复密钥打不开：口令不对，或文件不是恢复密钥；请核对后再试。") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise RecoveryError("这个文件不是恢复密钥；请换成生成时保存的文件。")
    return key


def _decrypted(container: dict[str, object], key: rsa.RSAPrivateKey) -> bytes:
    wrapped = container.get("recovery")
    known = wrapped.get("fingerprint") if isinstance(wrapped, dict) else None
    if not isinstance(wrapped, dict) or known != fingerprint_of_key(key.public_key()):
        raise RecoveryError("这个导出文件用的是另一把恢复密钥；请换成与它对应的密钥文件。")
    try:
        data_key = key.decrypt(_bytes(wrapped.get("key")), _OAEP)
        return AESGCM(data_key).decrypt(_bytes(container.get("iv")), _bytes(container.get("content")), None)
    except (ValueError, InvalidTag) as error:
        raise RecoveryError("导出文件不完整或被改动过，打不开；请在平板上重新导出。") from error


def _bytes(value: object) -> bytes:
    return base64.b64decode(str(value), validate=True)
