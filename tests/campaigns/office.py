"""A bureau with a register, inspectors and a month's campaign, made through the rooms' own use cases."""

import hashlib
import json
import random  # noqa: TID251  # seeded: every run makes the same bureau
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.campaigns.assigning import RandomBytes
from inspections.campaigns.committing import Announcement, Committed, commit
from inspections.campaigns.draw_day import DrawResult, GivenValue, enter_value, run_draw
from inspections.campaigns.public_view import certificate_of
from inspections.campaigns.rules import PoolRule, StrataBy, StrataRule
from inspections.campaigns.service import CampaignPlan, make_campaign
from inspections.campaigns.tables import Assignment, Campaign, Draw
from inspections.people.service import add_account
from inspections.people.tables import Account, Recusal, Role
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.units.codes import new_codes
from inspections.units.importing import load_units
from inspections.units.queries import premises_of_units
from inspections.units.register_file import UnitRow
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.answering_campaigns import records_of as records_of  # whom campaigns ask
from tests.bureau import ADMINISTRATOR, FIRST_DAY, PASSWORD, open_bureau

MONTH = "2026-11"
MANAGER = "孙敏"
INSPECTORS = ("周明", "吴涛", "郑洁", "冯磊")
TYPES = ("restaurant", "snack_shop", "drink_shop")
_EXIF_MODEL = 0x0110
VALUE_AFTER = timedelta(hours=2)
TERMS = {"reveal_days": "20", "result_working_days": "20"}


def rows(count: int) -> list[UnitRow]:
    """Register rows of so many units, in three types and two streets."""
    return [
        UnitRow(
            licence_name=f"某区第{number}号餐饮有限公司",
            sign_name=f"第{number}号店",
            address=f"测试路{number}号",
            street="杨柳镇" if number % 2 else "中北镇",
            unit_type=TYPES[number % len(TYPES)],
        )
        for number in range(1, count + 1)
    ]


@dataclass(frozen=True)
class Office:
    """The bureau with its units and accounts by number and name."""

    engine: Engine
    units: tuple[int, ...]
    accounts: dict[str, int]

    def code(self, unit_id: int) -> str:
        """The door code of a unit."""
        with read_only(self.engine) as session:
            door = premises_of_units(session, [unit_id])[unit_id]
            return session.get_one(Premises, door).code

    def assignments(self) -> list[Assignment]:
        """Every assignment, in the order in which they were made."""
        with read_only(self.engine) as session:
            return list(session.exec(select(Assignment).order_by(col(Assignment.id))))

    def certificate(self) -> dict[str, Any]:
        """The whole certificate as the staff may see it."""
        with read_only(self.engine) as session:
            campaign = session.exec(select(Campaign).where(Campaign.key == MONTH)).one()
            found: dict[str, Any] = json.loads(json.dumps(certificate_of(session, campaign)))
            return found

    def draws(self) -> list[Draw]:
        """Every draw, in order."""
        with read_only(self.engine) as session:
            return list(session.exec(select(Draw).order_by(col(Draw.number))))


def seeded(seed: object, *, nonce: bytes | None = None) -> RandomBytes:
    """Random bytes that are the same in every run; the first that are asked for are the nonce, if given."""
    source = random.Random(hashlib.sha256(str(seed).encode()).digest())  # noqa: S311  # data, not a secret
    waiting = [nonce] if nonce is not None else []

    def random_bytes(count: int) -> bytes:
        drawn = source.randbytes(count)
        return waiting.pop() if waiting else drawn

    return random_bytes


def open_office(engine: Engine, now: datetime, *, units: int = 24, **settings: str) -> Office:
    """Settings, staff with certificates, and a register whose door codes are the same in every run."""
    open_bureau(engine, now, **(TERMS | settings))
    with transaction(engine) as session:
        ids = _register(session, rows(units), now)
        accounts = {name: _inspector(session, name, now) for name in INSPECTORS}
        accounts[MANAGER] = add_account(
            session,
            name=MANAGER,
            password=PASSWORD,
            roles=[Role.CAMPAIGN_MANAGER],
            actor=ADMINISTRATOR,
            now=now,
        )
    return Office(engine, tuple(ids), accounts)


def _register(session: Session, found: list[UnitRow], now: datetime) -> list[int]:
    def make_codes(count: int, taken: Collection[str]) -> list[str]:
        return new_codes(count, taken, seeded("codes"))

    loaded = load_units(
        session,
        [replace(row, from_on=FIRST_DAY) for row in found],
        on=civil_day(now),
        now=now,
        actor=ADMINISTRATOR,
        file_name="register.csv",
        file_sha256="0" * 64,
        make_codes=make_codes,
    )
    return [unit_id for unit_id in loaded.ids if unit_id is not None]


def office_of(engine: Engine) -> Office:
    """The office in a database where it was opened."""
    with read_only(engine) as session:
        units = session.exec(select(CateringUnit.id).order_by(col(CateringUnit.id))).all()
        accounts = {
            name: account_id or 0 for account_id, name in session.exec(select(Account.id, Account.name))
        }
    return Office(engine, tuple(unit_id or 0 for unit_id in units), accounts)


def _inspector(session: Session, name: str, now: datetime) -> int:
    account_id = add_account(
        session, name=name, password=PASSWORD, roles=[Role.INSPECTOR], actor=ADMINISTRATOR, now=now
    )
    account = session.get_one(Account, account_id)
    account.certificate_number = f"津0111-{account_id:03d}"
    session.add(account)
    return account_id


def bar(office: Office, name: str, unit_ids: Iterable[int], now: datetime) -> None:
    """Recuse an inspector from units."""
    with transaction(office.engine) as session:
        session.add_all(
            Recusal(
                account_id=office.accounts[name], unit_id=unit_id, reason="亲属经营", from_on=FIRST_DAY,
                recorded_by=ADMINISTRATOR, recorded_at=now,
            )
            for unit_id in unit_ids
        )  # fmt: skip


PLAN = CampaignPlan(
    key=MONTH,
    issue_no=11,
    theme="冬日里的饺子馆",
    draw_count=6,
    substitutes=2,
    load_limit=4,
    pool=PoolRule(),
    strata=StrataRule(StrataBy.UNIT_TYPE, {"餐馆": 2}),
    guests=(("人大代表", 1), ("消费者代表", 2)),
)


def plan(
    office: Office, now: datetime, **changes: Any
) -> CampaignPlan:  # fields of the plan, as they are named
    """Make the month's campaign."""
    made = replace(PLAN, **changes)
    with transaction(office.engine) as session:
        make_campaign(session, made, actor=MANAGER, now=now)
    return made


def announce(now: datetime) -> Announcement:
    """The announcement that every test makes."""
    return Announcement("公证处现场掷十面骰子二十次", now + VALUE_AFTER)


def jpeg(*, camera: str | None = None) -> bytes:
    """A small photo as a camera makes it, with its name among the notes where one is given."""
    target, notes = BytesIO(), Image.Exif()
    if camera:
        notes[_EXIF_MODEL] = camera
    Image.linear_gradient("L").convert("RGB").save(target, "JPEG", exif=notes)
    return target.getvalue()


def commit_now(office: Office, now: datetime, random_bytes: RandomBytes | None = None) -> Committed:
    """Close the pool and commit."""
    with transaction(office.engine) as session:
        return commit(
            session,
            MONTH,
            announce(now),
            actor=MANAGER,
            now=now,
            random_bytes=random_bytes or seeded("roster"),
        )


def given(now: datetime, text: str = "63454660390103169462") -> GivenValue:
    """The public value, known two hours after the announcement."""
    return GivenValue(
        text, "公证员现场掷骰，直播回放可查", now + VALUE_AFTER, link="https://live.example.cn/11"
    )


def draw_now(
    office: Office, now: datetime, *, text: str = "63454660390103169462", release_on: date | None = None
) -> DrawResult:
    """Enter the public value and draw, three hours after the announcement."""
    later = now + VALUE_AFTER + timedelta(hours=1)
    with transaction(office.engine) as session:
        enter_value(session, MONTH, given(now, text), actor=MANAGER, now=later)
    with transaction(office.engine) as session:
        return run_draw(session, MONTH, release_on=release_on or civil_day(later), actor=MANAGER, now=later)


def drawn_office(engine: Engine, now: datetime, *, units: int = 24) -> Office:
    """A bureau whose campaign has been drawn."""
    office = open_office(engine, now, units=units)
    plan(office, now)
    commit_now(office, now)
    draw_now(office, now)
    return office
