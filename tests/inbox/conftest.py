"""A migrated Inbox of the test's own, on SQLite or PostgreSQL, and the application that serves it alone."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import Session

from app import create_app
from inspections.inbox.store import INBOX, open_inbox
from inspections.inbox.tables import SiteCopy
from inspections.inbox.voting import NewCandidate, put_campaign
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, transaction
from inspections.record.migrate import migrate
from tests.postgres_server import run_on_server

KEY = "2026-12"
CANDIDATES = [
    NewCandidate("7K3M-92QF", "福满源饺子馆", "杨柳镇柳口路28号", "杨柳镇"),
    NewCandidate("2A2A-2A2C", "老街坊水饺", "张家镇汇祥道16号", "张家镇"),
    NewCandidate("3C3C-3C3E", "百分之百%_面馆", "张家镇汇祥道18号", "张家镇"),
]


def fill(session: Session, now: datetime, *, votes_per_network: int = 3) -> None:
    """One campaign that takes nominations for ten days, with three candidates."""
    session.add(
        SiteCopy(
            title="某区餐饮安全公示",
            authority="某区市场监督管理局",
            contact="某路 1 号",
            complaint_line="12315",
            public_address="https://canyin.example.cn",
            is_demonstration=False,
            votes_per_network=votes_per_network,
            put_at=now,
        )
    )
    put_campaign(
        session,
        key=KEY,
        title="2026年12月随机查餐厅",
        theme="冬日里的饺子馆",
        chosen_how="从饺子馆中抽取。",
        until=now + timedelta(days=10),
        candidates=CANDIDATES,
    )


@pytest.fixture
def inbox_url(tmp_path: Path, now: datetime) -> Iterator[str]:
    """The URL of a filled Inbox on SQLite."""
    url = f"sqlite:///{tmp_path / 'inbox.sqlite'}"
    engine = open_database(url)
    migrate(engine, schema=INBOX)
    with transaction(engine) as session:
        fill(session, now)
    yield url
    engine.dispose()
    open_inbox(url).dispose()


@pytest.fixture
def inbox_engine(inbox_url: str) -> Engine:
    """The engine that the application in this process uses too."""
    return open_inbox(inbox_url)


@pytest.fixture
def inbox_postgres(postgres_server: str, now: datetime) -> Iterator[Engine]:
    """A filled Inbox on PostgreSQL."""
    name = f"inbox_{secrets.token_hex(6)}"
    run_on_server(postgres_server, f"CREATE DATABASE {name}")
    engine = open_database(f"{postgres_server}&dbname={name}")
    migrate(engine, schema=INBOX)
    with transaction(engine) as session:
        fill(session, now)
    yield engine
    engine.dispose()


@pytest.fixture
def inbox_app(tmp_path: Path, inbox_url: str) -> Flask:
    """The Inbox as a process of its own serves it: no other database, no staff."""
    (tmp_path / "own").mkdir()
    return create_app(
        Configuration(
            data=tmp_path / "own", inbox_url=inbox_url, surface="inbox", trusted_proxies=("127.0.0.1",)
        )
    )
