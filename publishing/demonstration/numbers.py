"""Made-up licence numbers and credit codes that pass every check and yet can be nobody's.

Licence serials 990000-999999 are above what any district gives out; regions 120190-120199 are no district.
Organisation codes begin with `DEM`, credit codes name a region that is none.
"""

from inspections.units.numbers import credit_check_character, licence_check_digit
from publishing.demonstration.words import DemonstrationError

FIRST_SERIAL = 990_000
SERIALS = 10_000
REGION = "120111"
SPARE_REGIONS = tuple(str(region) for region in range(120190, 120200))
MOST_NUMBERS = SERIALS * (1 + len(SPARE_REGIONS))

_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def licence_number(kind: int, index: int, regions: tuple[str, ...] = (REGION, *SPARE_REGIONS)) -> str:
    """The licence number of the `index`-th unit of a kind (2 catering, 3 canteen)."""
    block, serial = divmod(index, SERIALS)
    if block >= len(regions):
        raise DemonstrationError(
            f"演示许可证号只有 {len(regions) * SERIALS} 个，用完了；请把单位数减少到 {MOST_NUMBERS} 以内。"
        )
    digits = f"{kind}{regions[block]}{FIRST_SERIAL + serial}"
    return f"JY{digits}{licence_check_digit(digits)}"


def organisation_check(body: str) -> str:
    """The check character of an organisation code (GB 11714) over its eight characters."""
    total = sum(weight * _ALPHABET.index(character) for weight, character in zip(_WEIGHTS, body, strict=True))
    return "0X987654321"[total % 11]


def credit_code(kind: str, index: int) -> str:
    """The credit code of the `index`-th holder; kind 91 company, 92 household, 12 public, 52 private."""
    block, serial = divmod(index, 100_000)
    organisation = f"DEM{serial:05}"
    body = f"{kind}{SPARE_REGIONS[block % 10]}{organisation}{organisation_check(organisation)}"
    return f"{body}{credit_check_character(body)}"
