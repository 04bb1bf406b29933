"""`verify`: everything that is kept, looked at once; what was altered or lost is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from inspections.record.backup import check_backup
from inspections.record.database import file_of, open_database, read_only
from inspections.record.house import House
from inspections.record.migrate import revision_of
from inspections.record.verifying import Findings, look_at_audit, look_at_database, look_at_evidence
from inspections.rulebooks.verifying import documents_of_rules, look_at_rules
from inspections.visits.review.verifying import documents_of_orders
from inspections.visits.sync.verifying import documents_of_field_visits, look_at_signed
from inspections.visits.verifying import documents_of_adjustments, look_at_derivations, look_at_visits
from publishing.editions.verifying import look_at_editions
from publishing.site.publisher_lease import publisher_lease
from publishing.site.verifying import look_at_search_file, look_at_site


@dataclass(frozen=True)
class Checked:
    """One part: how many things were looked at, and what is wrong with some of them."""

    part: str
    looked_at: int
    faults: tuple[str, ...]


def verify(house: House, now: datetime) -> Iterator[Checked]:
    """Look at one part after the other. Nothing is changed, and nothing is published meanwhile."""
    with publisher_lease(house.engine, now) as lease:
        for part, look in _PARTS.items():
            lease.renew()
            yield _checked(part, look(house))


def look_at_backup(folder: Path) -> Checked:
    """Everything in a backup against its manifest."""
    manifest, faults = check_backup(folder)
    return Checked("备份", len(manifest.files) + len(manifest.evidence), tuple(faults))


def _checked(part: str, findings: Findings) -> Checked:
    looked_at, faults = 0, []
    try:
        for fault in findings:
            looked_at += 1
            if fault is not None:
                faults.append(fault)
    except ValueError as error:
        # A word that no vocabulary knows: the row cannot even be read.
        faults.append(f"看到第 {looked_at + 1} 处读不下去（{error}）：数据库的内容被改动")
    return Checked(part, looked_at, tuple(faults))


def _database(house: House) -> Findings:
    with read_only(house.engine) as session:
        yield from look_at_database(session)


def _inbox(house: House) -> Findings:
    engine = open_database(house.configuration.effective_inbox_url)
    try:
        file = file_of(engine)
        if file is not None and not file.exists():
            return
        if revision_of(engine) is not None:
            with read_only(engine) as session:
                yield from look_at_database(session)
    finally:
        engine.dispose()


def _audit(house: House) -> Findings:
    with read_only(house.engine) as session:
        yield from look_at_audit(session)


def _rules(house: House) -> Findings:
    with read_only(house.engine) as session:
        yield from look_at_rules(session)


def _evidence(house: House) -> Findings:
    with read_only(house.engine) as session:
        wanted = [
            *documents_of_rules(session),
            *documents_of_adjustments(session),
            *documents_of_field_visits(session),
            *documents_of_orders(session),
        ]
    yield from look_at_evidence(house.configuration.evidence_directory, wanted)


def _visits(house: House) -> Findings:
    with read_only(house.engine) as session:
        yield from look_at_visits(session)
        yield from look_at_signed(session)


def _derivations(house: House) -> Findings:
    with read_only(house.engine) as session:
        yield from look_at_derivations(session)


def _editions(house: House) -> Findings:
    with read_only(house.engine) as session:
        yield from look_at_editions(session)


def _site(house: House) -> Findings:
    with read_only(house.engine) as session:
        for_others = house.configuration.is_one_of_several
        yield from look_at_site(session, house.configuration.site_directory, for_others=for_others)
    yield from look_at_search_file(house.configuration.search_file, for_others=for_others)


_PARTS: dict[str, Callable[[House], Findings]] = {
    "数据库文件": _database,
    "收件箱": _inbox,
    "审计链": _audit,
    "规则和要点表": _rules,
    "存档文件": _evidence,
    "检查记录": _visits,
    "评定推导": _derivations,
    "榜单各稿": _editions,
    "已发布的网站": _site,
}
