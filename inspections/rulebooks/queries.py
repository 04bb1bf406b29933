"""Readings of stored rulebooks, checklists and holdings: what was in use when, and which scheme holds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from grading.checklist import Checklist, read_checklist
from grading.holdings import Holdings, read_holdings
from grading.rulebook import Rulebook, read_rulebook
from grading.rules import Rules
from inspections.record.command_line import CLI
from inspections.record.errors import HouseError
from inspections.record.marks import FOREIGN_FEED, has_mark, is_demonstration
from inspections.rulebooks.tables import (
    ChecklistVersion,
    HoldingsVersion,
    RulebookVersion,
    VersionInUse,
    VersionKind,
)

HOLDINGS_NAME = "holdings"

# Parsed once per process and text: versions are never updated, so the text is the key.
parsed_rulebook = lru_cache(maxsize=64)(read_rulebook)
parsed_checklist = lru_cache(maxsize=64)(read_checklist)
parsed_holdings = lru_cache(maxsize=8)(read_holdings)


class RulesError(HouseError):
    """A rulebook, checklist or holdings text that is needed is not there."""


@dataclass(frozen=True)
class StoredRulebook:
    """One version of a scheme's rulebook."""

    version_id: int
    scheme: str
    sha256: str
    loaded_at: datetime
    rulebook: Rulebook


@dataclass(frozen=True)
class StoredChecklist:
    """One version of a checklist."""

    version_id: int
    checklist_id: str
    sha256: str
    checklist: Checklist


@dataclass(frozen=True)
class SchemeInForce:
    """One scheme that holds on a day, for what and for which unit types."""

    purpose: str
    scheme: str
    unit_types: tuple[str, ...]
    from_on: date
    stored: StoredRulebook


def version_in_use(
    session: Session, kind: VersionKind, name: str, known_by: datetime | None = None
) -> int | None:
    """The id of the version in use at an instant (now where none is given).

    An instant before the first version was loaded gets that first one.
    """
    query = select(VersionInUse.version_id).where(VersionInUse.kind == kind, VersionInUse.name == name)
    newest_first = query.order_by(col(VersionInUse.id).desc())
    if known_by is None:
        return session.exec(newest_first).first()
    known = session.exec(newest_first.where(col(VersionInUse.from_at) <= known_by)).first()
    return known if known is not None else session.exec(query.order_by(col(VersionInUse.id))).first()


def newest_rulebook(session: Session, scheme: str, known_by: datetime | None = None) -> StoredRulebook:
    """The version of a scheme's rulebook in use."""
    version_id = version_in_use(session, VersionKind.RULEBOOK, scheme, known_by)
    if version_id is None:
        known = "、".join(schemes_known(session)) or "（还没有载入任何规则）"
        raise RulesError(f"没有叫“{scheme}”的规则；现有：{known}。")
    return rulebook_version(session, version_id)


def canonical_text(session: Session, scheme: str) -> str:
    """The canonical text of a scheme's rulebook in use."""
    row = session.get(RulebookVersion, newest_rulebook(session, scheme).version_id)
    return row.text if row is not None else ""


def rulebook_version(session: Session, version_id: int) -> StoredRulebook:
    """One stored version of a rulebook."""
    row = session.get(RulebookVersion, version_id)
    if row is None:
        raise RulesError(f"没有编号为 {version_id} 的规则版本；数据库可能不完整，请从备份恢复。")
    return StoredRulebook(version_id, row.scheme, row.sha256, row.loaded_at, parsed_rulebook(row.text))


def newest_checklist(
    session: Session, checklist_id: str, known_by: datetime | None = None
) -> StoredChecklist:
    """The version of a checklist in use."""
    version_id = version_in_use(session, VersionKind.CHECKLIST, checklist_id, known_by)
    if version_id is None:
        known = "、".join(checklists_known(session)) or "（还没有载入任何检查表）"
        raise RulesError(f"没有叫“{checklist_id}”的检查表；现有：{known}。")
    return checklist_version(session, version_id)


def checklist_version(session: Session, version_id: int) -> StoredChecklist:
    """One stored version of a checklist."""
    row = session.get(ChecklistVersion, version_id)
    if row is None:
        raise RulesError(f"没有编号为 {version_id} 的检查表版本；数据库可能不完整，请从备份恢复。")
    return StoredChecklist(version_id, row.checklist, row.sha256, parsed_checklist(row.text))


def schemes_known(session: Session) -> list[str]:
    """Every scheme with a stored rulebook."""
    return sorted(set(session.exec(select(RulebookVersion.scheme))))


def checklists_known(session: Session) -> list[str]:
    """Every stored checklist."""
    return sorted(set(session.exec(select(ChecklistVersion.checklist))))


def setting_of(session: Session) -> str:
    """Whose rules hold in this database: the bureau's, the demonstration's, or a foreign feed's."""
    if is_demonstration(session):
        return "demonstration"
    return "lives" if has_mark(session, FOREIGN_FEED) else "tianjin"


def holdings_in_use(session: Session, known_by: datetime | None = None) -> Holdings:
    """Which scheme holds for whom, as in use at an instant."""
    version_id = version_in_use(session, VersionKind.HOLDINGS, HOLDINGS_NAME, known_by)
    row = session.get(HoldingsVersion, version_id) if version_id is not None else None
    if row is None:
        raise RulesError(f"还没有载入规则；请先运行 {CLI} init 或 grade，程序会自动载入随附的规则。")
    return parsed_holdings(row.text)


@dataclass
class Shelf:
    """All rules in use at one instant, read once; parsed when first asked for."""

    setting: str
    holdings: Holdings
    texts: Mapping[str, RulebookVersion]
    key: str
    """SHA-256 over everything on the shelf: another key means that results may differ."""
    _schemes: dict[tuple[str, str, date], str | None] = field(default_factory=dict)
    _rules: dict[tuple[str, date], Rules] = field(default_factory=dict)
    _first_days: dict[str, frozenset[date]] = field(default_factory=dict)

    def scheme_for(self, purpose: str, unit_type: str, on: date) -> str | None:
        """The scheme that holds for a unit type on a day."""
        key = (purpose, unit_type, on)
        if key not in self._schemes:
            self._schemes[key] = self.holdings.scheme_for(self.setting, purpose, unit_type, on)
        return self._schemes[key]

    def rulebook(self, scheme: str) -> Rulebook:
        """The rulebook of a scheme."""
        return parsed_rulebook(self._row(scheme).text)

    def version_id(self, scheme: str) -> int:
        """The id of the scheme's version on this shelf."""
        return self._row(scheme).id or 0

    def rules(self, scheme: str, day: date) -> Rules:
        """The rules of a scheme on a day; the same object for the same day."""
        key = (scheme, day)
        if key not in self._rules:
            self._rules[key] = self.rulebook(scheme).on(day)
        return self._rules[key]

    def rules_of_period(self, scheme: str, day: date) -> Rules:
        """The same rules for all days between two changes: for what does not look at the day itself."""
        days = [first for first in self.first_days(scheme) if first <= day]
        return self.rules(scheme, max(days, default=date.min))

    def schemes_holding(self, purpose: str) -> frozenset[str]:
        """Every scheme that ever holds for a purpose here."""
        rows = self.holdings.rows
        return frozenset(row.scheme for row in rows if (row.setting, row.purpose) == (self.setting, purpose))

    def turning_days(self) -> frozenset[date]:
        """The days on which some rule here begins or changes."""
        rows = [row for row in self.holdings.rows if row.setting == self.setting]
        schemes = {row.scheme for row in rows}
        return frozenset(row.first_day for row in rows).union(*map(self.first_days, schemes))

    def first_days(self, scheme: str) -> frozenset[date]:
        """The days on which some value of the scheme begins."""
        if scheme not in self._first_days:
            cells = self.rulebook(scheme).cells.values()
            self._first_days[scheme] = frozenset(e.first_day for cell in cells for e in cell.entries)
        return self._first_days[scheme]

    def _row(self, scheme: str) -> RulebookVersion:
        if scheme not in self.texts:
            raise RulesError(f"名录指定的规则“{scheme}”没有载入；请检查 seeds/rulebooks/{scheme}。")
        return self.texts[scheme]


def shelf_of(session: Session, known_by: datetime | None = None) -> Shelf:
    """All rules in use at an instant (now where none is given)."""
    texts: dict[str, RulebookVersion] = {}
    for scheme in schemes_known(session):
        version_id = version_in_use(session, VersionKind.RULEBOOK, scheme, known_by)
        row = session.get(RulebookVersion, version_id) if version_id is not None else None
        if row is not None:
            texts[scheme] = row
    holdings = version_in_use(session, VersionKind.HOLDINGS, HOLDINGS_NAME, known_by)
    setting = setting_of(session)
    material = "\n".join([setting, str(holdings), *(f"{name} {row.sha256}" for name, row in texts.items())])
    return Shelf(
        setting,
        holdings_in_use(session, known_by),
        texts,
        hashlib.sha256(material.encode()).hexdigest(),
    )


def schemes_in_force(session: Session, on: date) -> list[SchemeInForce]:
    """The schemes that hold on a day, by purpose, each with the unit types it holds for."""
    setting = setting_of(session)
    rows = [
        row
        for row in holdings_in_use(session).rows
        if row.setting == setting and row.first_day <= on and (row.until is None or on <= row.until)
    ]
    return [
        SchemeInForce(
            purpose=row.purpose,
            scheme=row.scheme,
            unit_types=row.unit_types,
            from_on=row.first_day,
            stored=newest_rulebook(session, row.scheme),
        )
        for row in rows
    ]
