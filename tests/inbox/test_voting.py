"""Promises of 你点我检: one vote per browser, a limit per network, and nobody can be traced."""

import re
import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import select

from inspections.inbox.tables import NetworkBucket, OpenCampaign, Vote
from inspections.inbox.voting import (
    AlreadyVotedError,
    TooManyVotesError,
    VotingError,
    close_campaign,
    nomination_page,
    put_campaign,
    vote,
    votes_of,
)
from inspections.record.database import read_only, transaction
from tests.inbox.conftest import CANDIDATES, KEY

DUMPLINGS, STREET, ODD = (one.code for one in CANDIDATES)


def _vote(engine: Engine, code: str, cookie: str, address: str, now: datetime) -> None:
    with transaction(engine) as session:
        vote(session, KEY, code, cookie=cookie, address=address, now=now)


def _counts(engine: Engine) -> dict[str, int]:
    with read_only(engine) as session:
        return votes_of(session, KEY)


def test_a_browser_votes_once_however_often_it_asks(inbox_engine: Engine, now: datetime) -> None:
    _vote(inbox_engine, DUMPLINGS, "browser", "203.0.113.1", now)
    for code in (DUMPLINGS, STREET):
        with pytest.raises(AlreadyVotedError):
            _vote(inbox_engine, code, "browser", "203.0.113.2", now)
    assert _counts(inbox_engine) == {DUMPLINGS: 1}


def test_a_refused_vote_takes_nothing_from_the_network_s_bucket(inbox_engine: Engine, now: datetime) -> None:
    _vote(inbox_engine, DUMPLINGS, "browser", "203.0.113.1", now)
    with pytest.raises(AlreadyVotedError):
        _vote(inbox_engine, DUMPLINGS, "browser", "203.0.113.1", now)
    with read_only(inbox_engine) as session:
        assert [bucket.votes for bucket in session.exec(select(NetworkBucket))] == [1]


def test_a_network_has_its_bucket_for_a_day_and_a_new_one_the_next(
    inbox_engine: Engine, now: datetime
) -> None:
    for number in range(3):
        _vote(inbox_engine, DUMPLINGS, f"browser {number}", "203.0.113.1", now)
    with pytest.raises(TooManyVotesError, match="明天"):
        _vote(inbox_engine, DUMPLINGS, "browser 3", "203.0.113.1", now)
    _vote(inbox_engine, DUMPLINGS, "browser 3", "203.0.113.7", now)
    _vote(inbox_engine, DUMPLINGS, "browser 4", "203.0.113.1", now + timedelta(days=1))
    assert _counts(inbox_engine) == {DUMPLINGS: 5}


def test_units_outside_the_pool_and_closed_campaigns_take_no_votes(
    inbox_engine: Engine, now: datetime
) -> None:
    with pytest.raises(VotingError, match="不在本期"):
        _vote(inbox_engine, "9999-9999", "browser", "203.0.113.1", now)
    with pytest.raises(VotingError, match="截止"):
        _vote(inbox_engine, DUMPLINGS, "browser", "203.0.113.1", now + timedelta(days=10))


def test_after_the_close_the_counts_stay_and_nobody_can_be_traced(
    inbox_engine: Engine, now: datetime
) -> None:
    _vote(inbox_engine, DUMPLINGS, "browser", "203.0.113.1", now)
    with transaction(inbox_engine) as session:
        assert close_campaign(session, KEY, now) == {DUMPLINGS: 1}
    with transaction(inbox_engine) as session:
        assert close_campaign(session, KEY, now + timedelta(hours=1)) == {DUMPLINGS: 1}
        campaign = session.get_one(OpenCampaign, KEY)
        assert campaign.voting_key is None
        assert campaign.closed_at == now
        assert session.exec(select(NetworkBucket)).all() == []
    with pytest.raises(VotingError, match="截止"):
        _vote(inbox_engine, DUMPLINGS, "another", "203.0.113.1", now)


def test_neither_cookie_nor_address_is_stored(inbox_engine: Engine, now: datetime) -> None:
    _vote(inbox_engine, DUMPLINGS, "a-cookie-value", "203.0.113.77", now)
    with read_only(inbox_engine) as session:
        stored = repr([one.model_dump() for one in session.exec(select(Vote))])
        stored += repr([one.model_dump() for one in session.exec(select(NetworkBucket))])
    assert "a-cookie-value" not in stored
    assert "203.0.113.77" not in stored


def test_bringing_a_campaign_up_to_date_keeps_its_votes(inbox_engine: Engine, now: datetime) -> None:
    _vote(inbox_engine, DUMPLINGS, "browser", "203.0.113.1", now)
    with transaction(inbox_engine) as session:
        put_campaign(
            session,
            key=KEY,
            title="改名",
            theme="冬日",
            chosen_how="",
            until=now + timedelta(days=3),
            candidates=CANDIDATES[:2],
        )
    with read_only(inbox_engine) as session:
        page = nomination_page(session, KEY, query="", cookie="browser", now=now)
    assert page is not None
    assert page.title == "改名"
    assert page.voted_for is not None
    assert page.voted_for.code == DUMPLINGS


@pytest.mark.parametrize(
    ("query", "found"), [("饺", [0, 1]), ("汇祥", [1, 2]), ("7k3m", [0]), ("%", [2]), ("_", [2])]
)
def test_a_unit_is_found_by_part_of_its_name_address_or_code(
    inbox_engine: Engine, now: datetime, query: str, found: list[int]
) -> None:
    with read_only(inbox_engine) as session:
        page = nomination_page(session, KEY, query=query, cookie=None, now=now)
    assert page is not None
    assert {line.code for line in page.found} == {CANDIDATES[place].code for place in found}


def _race(engine: Engine, now: datetime) -> list[str]:
    """Twenty threads at once: the same browser in ten, one network in all."""
    outcomes: list[str] = []
    barrier = threading.Barrier(20)

    def one(number: int) -> None:
        cookie = "same" if number % 2 else f"browser {number}"
        barrier.wait()
        try:
            _vote(engine, DUMPLINGS, cookie, "203.0.113.1", now)
        except VotingError as refusal:
            outcomes.append(type(refusal).__name__)
        else:
            outcomes.append("taken")

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_limits_hold_when_twenty_vote_at_the_same_moment(inbox_engine: Engine, now: datetime) -> None:
    outcomes = _race(inbox_engine, now)
    assert outcomes.count("taken") == 3 == _counts(inbox_engine)[DUMPLINGS]
    assert len(outcomes) == 20


@pytest.mark.postgres
def test_limits_hold_on_postgresql_too(inbox_postgres: Engine, now: datetime) -> None:
    outcomes = _race(inbox_postgres, now)
    assert outcomes.count("taken") == 3 == _counts(inbox_postgres)[DUMPLINGS]
    assert len(outcomes) == 20
    with transaction(inbox_postgres) as session:
        assert close_campaign(session, KEY, now) == {DUMPLINGS: 3}


@pytest.mark.parametrize("address", ["/in", "/in/"])
def test_the_bare_address_leads_to_what_anybody_may_do(inbox_app: Flask, address: str) -> None:
    answer = inbox_app.test_client().get(address)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/in/nominate")


def test_a_visitor_finds_votes_and_sees_the_count(inbox_app: Flask, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        client = inbox_app.test_client()
        assert client.get("/in/nominate").headers["Location"] == f"/in/nominate/{KEY}"
        page = client.get(f"/in/nominate/{KEY}?q=饺子")
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page.text)[0]
        fields = {"csrf_token": token, "code": DUMPLINGS}
        voted = client.post(f"/in/nominate/{KEY}", data=fields)
        assert voted.status_code == 303
        after = client.get(f"/in/nominate/{KEY}").text
        assert "您已提名 <b>福满源饺子馆</b>" in after
        assert "共 1 票" in after
        assert 'value="提名' not in after
        again = client.post(f"/in/nominate/{KEY}", data=fields)
        assert again.status_code == 409
        assert "每个浏览器一票" in again.text


def test_a_vote_without_the_form_s_token_is_refused(inbox_app: Flask, inbox_engine: Engine) -> None:
    answer = inbox_app.test_client().post(f"/in/nominate/{KEY}", data={"code": DUMPLINGS})
    assert answer.status_code == 400
    assert _counts(inbox_engine) == {}


def test_the_inbox_serves_nothing_of_the_other_surfaces_and_knows_no_other_database(inbox_app: Flask) -> None:
    assert "house" not in inbox_app.extensions
    client = inbox_app.test_client()
    for address in ("/desk/", "/desk/sign-in", "/", "/search", "/api/v1/bundle"):
        assert client.get(address).status_code == 404, address
    answer = client.get(f"/in/nominate/{KEY}")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';style-src 'self'")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
