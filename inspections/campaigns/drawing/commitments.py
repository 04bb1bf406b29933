"""What is said before a draw and opened after it: the nonce, the seed, and pairs that may not meet."""

import hashlib
import unicodedata
from dataclasses import dataclass

from inspections.campaigns.drawing.canonical import DrawError

NONCE_BYTES = 32


def nonce_commitment(nonce: bytes) -> str:
    """The SHA-256 of the nonce's bytes, in lower-case hex."""
    if len(nonce) != NONCE_BYTES:
        raise DrawError(f"随机数应为 {NONCE_BYTES} 字节，得到 {len(nonce)} 字节。")
    return hashlib.sha256(nonce).hexdigest()


def normal_value(value: str) -> str:
    """A public value as it counts: without space around it, in NFC."""
    return unicodedata.normalize("NFC", value.strip())


def seed_of(nonce: bytes, value: str) -> str:
    """The seed: SHA-256 of the nonce's bytes followed by the value's UTF-8 in NFC, in lower-case hex."""
    return hashlib.sha256(nonce + unicodedata.normalize("NFC", value).encode()).hexdigest()


def sub_seed(seed: str, name: str) -> str:
    """The seed of what is drawn for one name: the inspectors of a unit."""
    return f"{seed},{name}"


@dataclass(frozen=True)
class BarredPair:
    """An inspector who must not visit a unit; committed to as one salted hash, without a reason."""

    inspector: str
    unit: str
    salt: str
    """32 random bytes in hex: without them the hash says nothing about the pair."""

    @property
    def commitment(self) -> str:
        """SHA-256 of the salt's bytes followed by `inspector,unit`."""
        return hashlib.sha256(bytes.fromhex(self.salt) + f"{self.inspector},{self.unit}".encode()).hexdigest()
