"""How a licence holder may be shown: a natural person never by name.

Signs and trade names that contain a person's name stay; a natural person as holder is shown as
个体经营者.
"""

from functools import lru_cache

from inspections.units.numbers import is_masked_identity
from inspections.units.words import is_trade_name

NATURAL_PERSON = "个体经营者"
_INDIVIDUAL_HOUSEHOLD = "92"


@lru_cache(maxsize=200_000)
def shown_holder(licence_name: str, *, holder_is_natural_person: bool | None, credit_code: str | None) -> str:
    """The holder as it may be published.

    The register's own field decides; where it is empty, an individual household (credit code 92…, a masked
    identity, or no code at all) whose licence name has no trade word is taken for a natural person.
    """
    if holder_is_natural_person is not None:
        return NATURAL_PERSON if holder_is_natural_person else licence_name
    if not _may_be_a_household(credit_code) or is_trade_name(licence_name):
        return licence_name
    return NATURAL_PERSON


def _may_be_a_household(credit_code: str | None) -> bool:
    if credit_code is None:
        return True
    return credit_code.startswith(_INDIVIDUAL_HOUSEHOLD) or is_masked_identity(credit_code)
