"""Text that people type: what may stand in one line that others read."""

import unicodedata

# Controls, line and paragraph ends, and what reorders or hides its neighbours.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def is_one_line(text: str) -> bool:
    """Whether a text is one line in which every character can be seen."""
    return not any(unicodedata.category(character) in _UNSEEN for character in text)
