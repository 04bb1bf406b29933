"""Secrets that must be read again are stored sealed with a key that is drawn from the house's own secret."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from inspections.record.errors import HouseError

_NONCE_BYTES = 12


class SealError(HouseError):
    """A sealed value cannot be opened with this house's secret."""


def _key(secret: str, purpose: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return derived.derive(secret.encode())


def seal(secret: str, purpose: str, text: str) -> str:
    """The text, readable only with the secret and for the same purpose."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key(secret, purpose)).encrypt(nonce, text.encode(), None)
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(secret: str, purpose: str, sealed: str) -> str:
    """The text that was sealed; refuses what was sealed with another secret or changed since."""
    content = base64.urlsafe_b64decode(sealed)
    try:
        opened = AESGCM(_key(secret, purpose)).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], None)
    except InvalidTag as error:
        raise SealError(
            "存下的密文打不开：密钥文件（HHB_SECRET_KEY_FILE 或数据目录里的 secret.key）换过了；"
            "请从备份恢复原来的密钥，或由管理员重新设置。"
        ) from error
    return opened.decode()


def fingerprint_of(secret: str, purpose: str, text: str) -> str:
    """A keyed hash: the same text gives the same answer, and nobody can try texts without the secret."""
    mac = hmac.HMAC(_key(secret, purpose), hashes.SHA256())
    mac.update(text.encode())
    return mac.finalize().hex()
