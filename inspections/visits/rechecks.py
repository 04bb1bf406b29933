"""Re-checks of an imported file: each must name a first visit that it can be the re-check of."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from inspections.surface.sheets.reading import Row
from inspections.visits.batch_queries import CheckedVisit, stored_chains
from inspections.visits.service import NewVisit

_COLUMN = "复查的记录编号"


def with_known_rechecks(
    session: Session, visits: Sequence[NewVisit], rows: Mapping[str, Row]
) -> list[NewVisit]:
    """Only re-checks of a visit in the file or stored; one whose first visit is refused is refused too."""
    stored = stored_chains(session, {visit.recheck_of_key for visit in visits if visit.recheck_of_key})
    kept = list(visits)
    while True:
        here = {
            visit.record_key: CheckedVisit(visit.unit_id, visit.visited_on, visit.recheck_of_key)
            for visit in kept
        }
        known = {**stored, **here}
        fitting = [visit for visit in kept if _fits(visit, known, rows[visit.record_key])]
        if len(fitting) == len(kept):
            return kept
        kept = fitting


def _fits(visit: NewVisit, known: Mapping[str, CheckedVisit], row: Row) -> bool:
    key = visit.recheck_of_key
    if key is None:
        return True
    if key not in known or key == visit.record_key:
        row.fault(_COLUMN, key, "没有这条检查记录", "请核对；原检查须在同一文件或已经导入")
    elif known[key].unit_id != visit.unit_id:
        row.fault(_COLUMN, key, "是另一个单位的检查", "请核对记录编号和单位")
    elif _goes_round(visit.record_key, known):
        row.fault(_COLUMN, key, "几条记录互为复查，找不到首次检查", "请核对；首次检查的这一栏应是空的")
    elif visit.visited_on < known[key].visited_on:
        what = f"早于它所复查的检查（{known[key].visited_on}）"
        row.fault("检查日期", visit.visited_on, what, "请核对检查日期和复查的记录编号")
    return row.is_good


def _goes_round(key: str, known: Mapping[str, CheckedVisit]) -> bool:
    """Whether the chain of what is re-checked comes back to itself instead of ending at a first visit."""
    seen = {key}
    while (before := known[key].recheck_of_key) in known:
        if before is None or before in seen:
            return before is not None
        seen.add(before)
        key = before
    return False
