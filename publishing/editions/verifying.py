"""Checks of editions: every version against its hash, and what was approved against what there is."""

import hashlib
import json
from decimal import Decimal

from sqlmodel import Session, col, select

from inspections.record.verifying import Findings
from publishing.editions.history import canonical
from publishing.editions.tables import Edition, EditionApproval, EditionKind, EditionVersion


def look_at_editions(session: Session) -> Findings:
    """Every text of an edition, and that whatever was approved or is in force is one of them."""
    versions = session.exec(
        select(Edition, EditionVersion).join(
            EditionVersion, col(EditionVersion.edition_id) == col(Edition.id)
        )
    ).all()
    for edition, version in versions:
        is_whole = _hash_of(version.text, edition.kind) == version.sha256
        yield None if is_whole else f"榜单 {edition.key} 第 {version.number} 稿与校验值不符：内容被改动"
    known = {(version.edition_id, version.sha256) for _, version in versions}
    for edition in session.exec(select(Edition).where(col(Edition.draft_hash).is_not(None))):
        is_there = (edition.id, edition.draft_hash) in known
        yield None if is_there else f"榜单 {edition.key} 现用的稿子不在存稿里"
    for approval in session.exec(select(EditionApproval)):
        is_there = (approval.edition_id, approval.draft_hash) in known
        yield None if is_there else f"{approval.account}审批的稿子（{approval.draft_hash[:12]}）不在存稿里"


def _hash_of(text: str, kind: EditionKind) -> str | None:
    """Own texts are known by their bytes; another authority's by what it says, as spaces may differ."""
    if kind is EditionKind.HISTORICAL:
        try:
            text = canonical(json.loads(text, parse_float=Decimal, parse_constant=str))
        except json.JSONDecodeError:
            return None
    return hashlib.sha256(text.encode()).hexdigest()
