"""Storefront codes: seven random characters and a check character, printed `7K3M-92QF`.

The alphabet has no two characters that look alike, and 23 of them: a prime, so that a sum weighted
with powers of two (as in the pure systems of ISO 7064) finds every single wrong character and every
swap of two characters. A code is public by nature; no secret may rest on one.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence

ALPHABET = "23456789ACEFHJKMPQRTWXY"
RANDOM_LENGTH = 7
LENGTH = RANDOM_LENGTH + 1

_PRIME = len(ALPHABET)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(2, LENGTH - 1 - place, _PRIME) for place in range(LENGTH))
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_PAIR_SUMS = tuple(2 * high + low for high in range(_PRIME) for low in range(_PRIME))
_SPACE = _PRIME**RANDOM_LENGTH
# Seven bytes hold the code space 21 million times over: what the remainder favours is not measurable.
_BYTES_PER_CODE = 7
# Only where exactly one character of the alphabet looks like the one typed.
_LOOK_ALIKES = str.maketrans("0OZSBG", "QQ2586")
_SEPARATORS = re.compile(r"[\s\-_.·‐‑‒–—―−]+")
_ADDRESS = re.compile(r"^.*/s/([^/?#]*)/?(?:[?#].*)?$", re.IGNORECASE)

RandomBytes = Callable[[int], bytes]


def _fits(letters: str) -> bool:
    return (
        len(letters) == LENGTH
        and all(letter in _VALUES for letter in letters)
        and sum(weight * _VALUES[letter] for weight, letter in zip(_WEIGHTS, letters, strict=True)) % _PRIME
        == 0
    )


def _printed(letters: str) -> str:
    return f"{letters[:4]}-{letters[4:]}"


def _code_of(number: int) -> str:
    # Two characters at a time, from a table: an import draws a hundred thousand codes.
    number, first = divmod(number, _PRIME**2)
    number, second = divmod(number, _PRIME**2)
    last, third = divmod(number, _PRIME**2)
    total = ((_PAIR_SUMS[first] * 4 + _PAIR_SUMS[second]) * 4 + _PAIR_SUMS[third]) * 2 + last
    check = ALPHABET[-total * 2 % _PRIME]
    return f"{_PAIRS[first]}{_PAIRS[second]}-{_PAIRS[third]}{ALPHABET[last]}{check}"


def new_codes(
    count: int, taken: Collection[str] = (), random_bytes: RandomBytes = secrets.token_bytes
) -> list[str]:
    """`count` random codes, each different from the others and from those taken."""
    unavailable = set(taken)
    codes: list[str] = []
    while len(codes) < count:
        drawn = random_bytes(_BYTES_PER_CODE * (count - len(codes)))
        for start in range(0, len(drawn), _BYTES_PER_CODE):
            code = _code_of(int.from_bytes(drawn[start : start + _BYTES_PER_CODE], "big") % _SPACE)
            if code not in unavailable:
                unavailable.add(code)
                codes.append(code)
    return codes


def _typed_letters(text: str) -> str:
    """What was typed, in the alphabet's own case and width, without separators."""
    plain = unicodedata.normalize("NFKC", text).strip()
    address = _ADDRESS.match(plain)
    plain = address.group(1) if address else plain
    return _SEPARATORS.sub("", plain).upper().translate(_LOOK_ALIKES)


def parse_code(text: str) -> str | None:
    """The code that a person typed or scanned, as printed; none where the check character disagrees."""
    letters = _typed_letters(text)
    return _printed(letters) if _fits(letters) else None


def similar_codes(text: str) -> list[str]:
    """Valid codes one slip away: a character wrong, missing or too many, or two neighbours swapped."""
    letters = _typed_letters(text)
    if not RANDOM_LENGTH <= len(letters) <= LENGTH + 1:
        return []
    found = dict.fromkeys(_printed(near) for near in _one_slip_away(letters) if _fits(near))
    return [code for code in found if code != _printed(letters)]


def _one_slip_away(letters: str) -> Iterator[str]:
    places = range(len(letters))
    if len(letters) == LENGTH:
        yield from (letters[:p] + letters[p : p + 2][::-1] + letters[p + 2 :] for p in places)
        yield from (letters[:p] + letter + letters[p + 1 :] for p in places for letter in ALPHABET)
    elif len(letters) < LENGTH:
        yield from (letters[:p] + letter + letters[p:] for p in range(LENGTH) for letter in ALPHABET)
    else:
        yield from (letters[:p] + letters[p + 1 :] for p in places)


def suggest_code(text: str, published: Callable[[Sequence[str]], Collection[str]]) -> str | None:
    """The one existing code that a mistyped one may mean; none where there is no such code, or several.

    `published` is given the codes one slip away and answers which of them exist.
    """
    near = similar_codes(text)
    existing = set(published(near)) if near else set()
    return existing.pop() if len(existing) == 1 else None


def storefront_path(code: str) -> str:
    """The path of a storefront page below the public address."""
    return f"/s/{code}/"


def storefront_url(public_url: str, code: str) -> str:
    """The address that a printed code leads to."""
    return public_url.rstrip("/") + storefront_path(code)
