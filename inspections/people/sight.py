"""How far somebody sees: who only inspects sees what follows from visits of their own, and no other."""

from sqlmodel import Session, select

from inspections.people.tables import Account, AccountRole, Role

_SEES_EVERY_VISIT = frozenset({Role.REVIEWER, Role.AUDITOR, Role.EDITOR, Role.CAMPAIGN_MANAGER})


def roles_named(session: Session, name: str) -> frozenset[str]:
    """The roles of the account with this name, as they stand now."""
    query = select(AccountRole.role).join(Account).where(Account.name == name)
    return frozenset(session.exec(query))


def account_named(session: Session, name: str) -> int:
    """The id of the account with this name; no row's where there is none."""
    return session.exec(select(Account.id).where(Account.name == name)).first() or 0


def own_visits_only(session: Session, name: str) -> int | None:
    """The account of somebody who sees only what follows from their own visits; none for who sees all."""
    if roles_named(session, name) & _SEES_EVERY_VISIT:
        return None
    return account_named(session, name)
