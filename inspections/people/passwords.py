"""Passwords: argon2id, and a dummy verification so that an unknown name takes as long as a wrong password."""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")

SHORTEST = 10


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _HASHER.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether the password is the one behind the hash; `None` costs as much and never matches."""
    try:
        _HASHER.verify(stored or _NOBODY, password)
    except VerifyMismatchError:
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether the stored hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(stored)
