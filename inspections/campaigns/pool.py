"""The pool of a campaign on a day: who can be drawn, in which stratum, and by whom."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session

from inspections.campaigns.drawing.canonical import DrawError
from inspections.campaigns.drawing.quotas import Share, quotas
from inspections.campaigns.rules import (
    EVERYBODY,
    NOMINATED,
    UNGRADED,
    PoolRule,
    StrataBy,
    StrataRule,
)
from inspections.campaigns.tables import NominationCount
from inspections.people.tables import Account, AccountRole, Recusal, Role
from inspections.record.database import table_of
from inspections.units.holders import shown_holder
from inspections.units.queries import Door, UnitOnDoor, doors
from inspections.units.tables import Premises, UnitStanding, UnitState
from inspections.units.words import unit_type_words


@dataclass(frozen=True)
class Standing:
    """A unit's newest grade and the day by which its next visit is due."""

    grade: str | None
    due_on: date | None
    rests_on_assumed: bool = False


@dataclass(frozen=True)
class PoolUnit:
    """One unit of a pool."""

    unit_id: int
    premises_id: int
    code: str
    name: str
    stratum: str
    votes: int
    rests_on_assumed: bool = False
    """Whether a grade that rests on assumed values decided that it is here, or in which stratum."""


@dataclass(frozen=True)
class StratumPreview:
    """What a stratum would hold and give; no quota while the pool is too small."""

    name: str
    weight: int
    size: int
    quota: int | None
    assumed: int
    """How many of its units are here by a grade that rests on assumed values."""


@dataclass(frozen=True)
class InspectorOnDuty:
    """An inspector who can be drawn, and the units that he or she must be recused from."""

    account_id: int
    name: str
    barred_units: frozenset[int]


def pool_of(
    session: Session,
    pool: PoolRule,
    strata: StrataRule,
    *,
    on: date,
    campaign_id: int | None = None,
    without: Collection[int] = (),
) -> list[PoolUnit]:
    """The units that can be drawn on a day, by code; `without` leaves out some by their ids."""
    standing, votes = standings(session, on), votes_of(session, campaign_id)
    found = []
    for door, unit in trading_units(session, on):
        if unit.unit_id in without:
            continue
        stands, count = standing.get(unit.unit_id, Standing(None, None)), votes.get(door.premises_id, 0)
        nominated = pool.nominated_from is not None and count >= pool.nominated_from
        if nominated or _fits(pool, door, unit, stands):
            stratum = (
                NOMINATED if nominated and strata.nominated_apart else _stratum(strata.by, door, unit, stands)
            )
            by_grade = bool(pool.grades) or strata.by is StrataBy.GRADE
            found.append(
                PoolUnit(
                    unit.unit_id,
                    door.premises_id,
                    door.code,
                    unit_name(unit),
                    stratum,
                    count,
                    rests_on_assumed=by_grade and stands.rests_on_assumed,
                )
            )
    return sorted(found, key=lambda one: one.code)


def trading_units(session: Session, on: date) -> Iterator[tuple[Door, UnitOnDoor]]:
    """Every unit that trades on a day, with its door."""
    premises = list(
        session.execute(select(table_of(Premises).c.id).order_by(table_of(Premises).c.id)).scalars()
    )
    for door in doors(session, premises, on).values():
        if door.unit is not None and is_trading(door.unit, on):
            yield door, door.unit


def strata_of(units: Iterable[PoolUnit], strata: StrataRule, draw_count: int) -> list[StratumPreview]:
    """The strata of a pool by name with their quotas."""
    known = list(units)
    sizes = Counter(unit.stratum for unit in known)
    assumed = Counter(unit.stratum for unit in known if unit.rests_on_assumed)
    shares = [Share(name, strata.weight(name), sizes[name]) for name in sorted(sizes)]
    try:
        given = quotas(draw_count, shares)
    except DrawError:
        given = {}
    return [StratumPreview(s.name, s.weight, s.size, given.get(s.name), assumed[s.name]) for s in shares]


def is_trading(unit: UnitOnDoor, on: date) -> bool:
    """Whether a unit trades on a day."""
    gone = unit.until_on is not None and unit.until_on < on
    return not gone and unit.version.state not in (UnitState.CLOSED, UnitState.MOVED)


def unit_name(unit: UnitOnDoor) -> str:
    """What the desk calls a unit: its sign, else its holder as it may be shown."""
    version = unit.version
    return version.sign_name or shown_holder(
        version.licence_name,
        holder_is_natural_person=version.holder_is_natural_person,
        credit_code=unit.credit_code,
    )


def standings(session: Session, on: date) -> dict[int, Standing]:
    """The newest standing of each unit up to a day; units never graded are absent."""
    table = table_of(UnitStanding).c
    newest = select(func.max(table.id)).where(table.as_of <= on).group_by(table.unit_id)
    columns = (table.unit_id, table.grade, table.due_on, table.rests_on_assumed)
    rows = session.execute(select(*columns).where(table.id.in_(newest)))
    return {row.unit_id: Standing(row.grade, row.due_on, row.rests_on_assumed) for row in rows}


def votes_of(session: Session, campaign_id: int | None) -> dict[int, int]:
    """The votes of a campaign by door, as of the last count."""
    table = table_of(NominationCount).c
    query = select(table.premises_id, table.votes).where(table.campaign_id == campaign_id)
    return {row.premises_id: row.votes for row in session.execute(query)}


def account_names(session: Session) -> dict[int, str]:
    """The name of every account, revoked ones too."""
    account = table_of(Account).c
    return {row.id: row.name for row in session.execute(select(account.id, account.name))}


def inspectors_on(session: Session, on: date) -> list[InspectorOnDuty]:
    """Inspectors whose enforcement certificate holds on a day, by name."""
    account, role, recusal = table_of(Account).c, table_of(AccountRole).c, table_of(Recusal).c
    barred: dict[int, set[int]] = {}
    in_force = (recusal.from_on <= on) & (recusal.until_on.is_(None) | (recusal.until_on >= on))
    for account_id, unit_id in session.execute(select(recusal.account_id, recusal.unit_id).where(in_force)):
        barred.setdefault(account_id, set()).add(unit_id)
    query = (
        select(account.id, account.name)
        .join(table_of(AccountRole), role.account_id == account.id)
        .where(role.role == Role.INSPECTOR, account.revoked_at.is_(None))
        .where(account.certificate_number.is_not(None))
        .where(account.certificate_until_on.is_(None) | (account.certificate_until_on >= on))
        .order_by(account.name)
    )
    return [
        InspectorOnDuty(account_id, name, frozenset(barred.get(account_id, ())))
        for account_id, name in session.execute(query)
    ]


def _fits(pool: PoolRule, door: Door, unit: UnitOnDoor, standing: Standing) -> bool:
    version = unit.version
    asked: Sequence[tuple[bool, Callable[[], bool]]] = (
        (bool(pool.streets), lambda: door.street in pool.streets),
        (bool(pool.unit_types), lambda: version.unit_type in pool.unit_types),
        (bool(pool.chains), lambda: version.chain_headquarters in pool.chains),
        (bool(pool.grades), lambda: standing.grade in pool.grades),
        (pool.online_ordering is not None, lambda: bool(version.online_ordering) == pool.online_ordering),
        (
            pool.due_by is not None,
            lambda: standing.due_on is not None and standing.due_on <= (pool.due_by or date.min),
        ),
    )
    return all(holds() for is_asked, holds in asked if is_asked)


def _stratum(by: StrataBy, door: Door, unit: UnitOnDoor, standing: Standing) -> str:
    match by:
        case StrataBy.UNIT_TYPE:
            return unit_type_words(unit.version.unit_type)[0]
        case StrataBy.STREET:
            return door.street
        case StrataBy.GRADE:
            return f"{standing.grade} 级" if standing.grade else UNGRADED
        case _:
            return EVERYBODY
