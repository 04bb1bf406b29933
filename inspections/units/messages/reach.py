"""Which letters follow from visits of one's own: each room that writes about its visits says so here."""

from collections.abc import Callable, Iterable

from sqlmodel import Session

from inspections.people.tables import Account
from inspections.units.messages.tables import OutgoingMessage

OwnLetters = Callable[[Session, int], Iterable[str]]
"""Given an account: how the references begin of the letters that follow from its own visits."""

_OWN_LETTERS: list[OwnLetters] = []


def declare_own_letters(own_letters: OwnLetters) -> None:
    """Have a room's letters shown to who took part in the visits they follow from; once, at import."""
    _OWN_LETTERS.append(own_letters)


def letters_within(
    session: Session, messages: Iterable[OutgoingMessage], account_id: int | None
) -> list[OutgoingMessage]:
    """Those letters that an account wrote itself or that follow from its visits; all where none is given."""
    if account_id is None:
        return list(messages)
    name = session.get_one(Account, account_id).name
    own = tuple(begins for own_letters in _OWN_LETTERS for begins in own_letters(session, account_id))
    return [one for one in messages if one.made_by == name or one.reference.startswith(own)]
