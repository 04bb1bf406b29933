"""Promises under concurrency, on both databases: nobody decides alone, everything happens once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.audit import verify_audit
from inspections.record.database import read_only, transaction
from publishing.editions.drafting import drafted_edition, find_edition
from publishing.editions.drafts import EditionError
from publishing.editions.service import approve, approvers, publish_approved, save_draft
from publishing.editions.tables import EditionApproval, EditionEntry
from tests.bureau import (
    APPROVER,
    DUMPLINGS,
    EDITOR,
    SECOND_APPROVER,
    add_units,
    add_visit,
    open_bureau,
)
from tests.conftest import NOW
from tests.publishing.editions.conftest import MONTH, NOODLES, VISITED, approve_by_two, october_draft


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def both(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The small bureau on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("bureau")
        return
    engine: Engine = request.getfixturevalue("postgres")
    open_bureau(engine, NOW)
    with transaction(engine) as session:
        good, bad = add_units(session, [DUMPLINGS, NOODLES], NOW)
        add_visit(session, good, VISITED, NOW)
        add_visit(session, bad, VISITED, NOW, failed=["11", "16"], result="non_compliant")
    yield engine


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do all acts at the same moment; what each gave, or its refusal."""
    start = threading.Barrier(len(acts))
    results: list[object] = []

    def doing(act: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(act())
        except EditionError as refusal:
            results.append(refusal)

    threads = [threading.Thread(target=doing, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _approving(engine: Engine, name: str) -> int:
    with transaction(engine) as session:
        return approve(session, MONTH, actor=name, now=NOW)


def _drafting(engine: Engine, measures: str) -> str:
    with transaction(engine) as session:
        return save_draft(session, october_draft(session, measures=measures), actor=EDITOR, now=NOW)


def test_the_same_approver_twice_at_once_is_one_approval(both: Engine) -> None:
    _drafting(both, "责令改正")
    results = at_once(*[lambda: _approving(both, APPROVER)] * 3)
    assert results == [1, 1, 1]
    with read_only(both) as session:
        assert len(session.exec(select(EditionApproval)).all()) == 1
        assert list(verify_audit(session)) == []


def test_two_approvers_at_once_are_two_approvals(both: Engine) -> None:
    _drafting(both, "责令改正")
    results = at_once(lambda: _approving(both, APPROVER), lambda: _approving(both, SECOND_APPROVER))
    assert sorted(map(str, results)) == ["1", "2"]


def test_publishers_at_once_publish_once(both: Engine) -> None:
    _drafting(both, "责令改正")
    with transaction(both) as session:
        approve_by_two(session)
    assert sum(map(int, map(str, at_once(*[lambda: publish_approved(both, NOW)] * 4)))) == 1
    with read_only(both) as session:
        assert len(session.exec(select(EditionEntry)).all()) == 2
        assert list(verify_audit(session)) == []


def test_what_is_published_is_what_two_approved_however_a_change_races(both: Engine) -> None:
    _drafting(both, "责令改正")
    with transaction(both) as session:
        approve_by_two(session)
    at_once(lambda: publish_approved(both, NOW), lambda: _drafting(both, "责令改正并立案"))
    with read_only(both) as session:
        edition, draft = drafted_edition(session, MONTH)
        published = [entry.measures for entry in session.exec(select(EditionEntry))]
        if edition.published_at is None:
            assert approvers(session, edition) == []
            assert published == []
        else:
            assert approvers(session, edition) == [APPROVER, SECOND_APPROVER]
            assert published == [line.measures for line in draft.lines]
            assert "责令改正并立案" not in published


def test_first_drafts_at_once_leave_one_edition_and_no_broken_one(both: Engine) -> None:
    results = at_once(*[lambda words=words: _drafting(both, words) for words in ("甲", "乙", "丙")])
    assert any(isinstance(result, str) for result in results)
    assert all(isinstance(result, str | EditionError) for result in results)
    with read_only(both) as session:
        edition, draft = drafted_edition(session, MONTH)
    assert draft.lines[1].measures in {"甲", "乙", "丙"}
    assert edition.draft_hash in results


def test_a_corrected_visit_after_approval_stops_the_publication(both: Engine) -> None:
    _drafting(both, "责令改正")
    with transaction(both) as session:
        approve_by_two(session)
        add_visit(session, 2, VISITED, NOW, failed=["11"], result="basically_compliant", key=f"2-{VISITED}")
    assert publish_approved(both, NOW) == 0
    with transaction(both) as session:
        found = find_edition(session, MONTH)
        assert found is not None
        assert found.published_at is None
        with pytest.raises(EditionError, match="依据的记录有变化"):
            approve(session, MONTH, actor=APPROVER, now=NOW)


def test_a_register_that_now_shows_another_name_stops_the_publication(both: Engine) -> None:
    _drafting(both, "责令改正")
    with transaction(both) as session:
        approve_by_two(session)
        masked = replace(NOODLES, holder_is_natural_person=True, from_on=VISITED - timedelta(days=1))
        add_units(session, [masked], NOW)
    assert publish_approved(both, NOW) == 0
