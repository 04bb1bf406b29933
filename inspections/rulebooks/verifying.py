"""Checks of the stored rules: versions against their hashes, and the documents behind entered values."""

from collections.abc import Iterator

from sqlmodel import Session, select

from inspections.record.verifying import Findings, look_at_texts
from inspections.rulebooks.tables import ChecklistVersion, EnteredCell, HoldingsVersion, RulebookVersion


def look_at_rules(session: Session) -> Findings:
    """Every version of a rulebook, of a checklist, and of who is graded by which."""
    rulebooks = session.exec(select(RulebookVersion))
    yield from look_at_texts(
        "规则", ((f"{row.scheme}（{row.id}）", row.text, row.sha256) for row in rulebooks)
    )
    lists = session.exec(select(ChecklistVersion))
    yield from look_at_texts(
        "要点表", ((f"{row.checklist}（{row.id}）", row.text, row.sha256) for row in lists)
    )
    holdings = session.exec(select(HoldingsVersion))
    yield from look_at_texts("适用范围", ((f"{row.id}", row.text, row.sha256) for row in holdings))


def documents_of_rules(session: Session) -> Iterator[tuple[str, str]]:
    """The documents that a bureau gave with the values it entered, by hash."""
    for row in session.exec(select(EnteredCell)):
        yield f"{row.scheme} 的 {row.cell}（{row.from_on} 起）", row.document_sha256
