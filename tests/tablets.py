"""Two inspectors with tablets at a small bureau: accounts, assignments, a client of the tablets' calls."""

import hashlib
import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from sqlalchemy import Engine
from sqlmodel import select
from werkzeug.test import TestResponse

from inspections.campaigns.tables import Assignment, Campaign, CampaignState
from inspections.people.recovery import make_recovery_key
from inspections.people.service import add_account
from inspections.people.tables import Account, Role
from inspections.people.tablets import make_enrolment
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import transaction
from inspections.rulebooks.queries import newest_checklist
from inspections.units.tables import CateringUnit, Premises
from tests.bureau import ADMINISTRATOR, DUMPLINGS, PASSWORD, add_units, open_bureau

LEAD, SECOND, OUTSIDER, REVIEWER = "刘洋", "孙倩", "周涛", "马丽"
CHECKLIST = "cn-catering-2022"
PASSPHRASE = "correct horse battery"

_numbers = itertools.count(1)


def fresh_id(what: str) -> str:
    """An id that no other test uses."""
    return f"{what}-{next(_numbers):08}"


def drawing(text_width: int = 300) -> bytes:
    """A signature as a canvas gives it."""
    picture = Image.new("RGBA", (600, 200), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    pen.line([(40, 120), (120, 60), (200, 150), (text_width, 70), (420, 130)], fill=(0, 0, 0, 255), width=6)
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


DRAWING = drawing()
DRAWN = hashlib.sha256(DRAWING).hexdigest()
"""The one signature by which everybody signs in these tests, and its hash."""


def _is_drawn(change: Any, received: Collection[str]) -> bool:
    """Whether a change that was taken is a signature of these tests."""
    value = change.get("value") if isinstance(change, Mapping) and change.get("id") in received else None
    return isinstance(value, Mapping) and value.get("drawing") == DRAWN


@dataclass(frozen=True)
class FieldBureau:
    """What tests need to know of the bureau."""

    engine: Engine
    now: datetime
    accounts: Mapping[str, int]
    unit_id: int
    premises_id: int
    code: str
    checklist_sha256: str
    codes: Sequence[str]


def open_field_bureau(engine: Engine, now: datetime | None = None, **settings: str) -> FieldBureau:
    """A bureau with three inspectors, a reviewer, and one unit."""
    now = now or utc_now()
    open_bureau(engine, now, **settings)
    with transaction(engine) as session:
        accounts = {}
        for name in (LEAD, SECOND, OUTSIDER, REVIEWER):
            role = Role.REVIEWER if name == REVIEWER else Role.INSPECTOR
            accounts[name] = add_account(
                session, name=name, password=PASSWORD, roles=[role], actor=ADMINISTRATOR, now=now
            )
            session.get_one(Account, accounts[name]).certificate_number = f"02-{accounts[name]:06}"
        make_recovery_key(session, passphrase=PASSPHRASE, actor=ADMINISTRATOR, now=now)
        (unit_id,) = add_units(session, [DUMPLINGS], now)
        door = session.get_one(Premises, session.get_one(CateringUnit, unit_id).premises_id)
        stored = newest_checklist(session, CHECKLIST)
        codes = [item.code for item in stored.checklist.items]
        return FieldBureau(engine, now, accounts, unit_id, door.id or 0, door.code, stored.sha256, codes)


def assign(bureau: FieldBureau, **fields: Any) -> str:
    """Give the unit to the lead and the second inspector from today on; the assignment's public id."""
    public_id = fresh_id("assignment")
    row = {
        "public_id": public_id,
        "unit_id": bureau.unit_id,
        "premises_id": bureau.premises_id,
        "kind": "daily",
        "source": "plan",
        "state_at": bureau.now,
        "lead_account_id": bureau.accounts[LEAD],
        "second_account_id": bureau.accounts[SECOND],
        "release_on": civil_day(bureau.now),
        "made_by": ADMINISTRATOR,
        "made_at": bureau.now,
        **fields,
    }
    with transaction(bureau.engine) as session:
        session.add(Assignment(**row))
    return public_id


def add_campaign(bureau: FieldBureau, key: str = "2026-11", theme: str = "冬日里的饺子馆") -> int:
    """A drawn campaign that has not been revealed; its id."""
    with transaction(bureau.engine) as session:
        campaign = Campaign(
            key=key,
            issue_no=11,
            theme=theme,
            theme_items="2.3,2.6",
            pool_rule="{}",
            strata_rule="{}",
            draw_count=1,
            substitutes=0,
            load_limit=10,
            state=CampaignState.DRAWN,
            made_by=ADMINISTRATOR,
            made_at=bureau.now,
        )
        session.add(campaign)
        session.flush()
        return campaign.id or 0


@dataclass
class Draft:
    """Changes of one visit as one tablet makes them: each replaces what this tablet saw of its field."""

    bureau: FieldBureau
    visit: str
    made_at: datetime
    assignment: bool = True
    kind: str = "daily"
    changes: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, list[str]] = field(default_factory=dict)

    def say(self, key: str, value: object) -> dict[str, Any]:
        """Say what a field became."""
        self.made_at += timedelta(seconds=1)
        change = {
            "id": fresh_id("change"),
            "visit": self.visit,
            "key": key,
            "value": value,
            "replaces": self.seen.get(key, []),
            "made_at": self.made_at.isoformat(),
        }
        self.seen[key] = [str(change["id"])]
        self.changes.append(change)
        return change

    def hear(self, changes: Iterable[Mapping[str, Any]]) -> None:
        """See changes of another tablet."""
        for change in changes:
            standing = self.seen.setdefault(change["key"], [])
            self.seen[change["key"]] = [
                *(id_ for id_ in standing if id_ not in change["replaces"]),
                change["id"],
            ]

    def open(self, **fields: object) -> dict[str, Any]:
        """The first change of the visit."""
        return self.say(
            "visit",
            {
                "unit": self.bureau.code,
                "assignment": self.visit if self.assignment else None,
                "kind": self.kind,
                "source": "plan",
                "reason": "",
                "lead": self.bureau.accounts[LEAD],
                "second": self.bureau.accounts[SECOND],
                "checklist": self.bureau.checklist_sha256,
                "rulebook": None,
                "opened_at": self.made_at.isoformat(),
                **fields,
            },
        )

    def fill(
        self,
        failed: Mapping[str, Mapping[str, object]] | None = None,
        result: str = "compliant",
        codes: Sequence[str] = (),
    ) -> None:
        """Everything between opening and the lead's own signature over the whole."""
        said = {code: self._whole_finding(value) for code, value in (failed or {}).items()}
        self.follow_procedure()
        for code in codes or self.bureau.codes:
            self.say(f"item/{code}", said.get(code, {"answer": "pass"}))
        handling = "written_deadline" if said else "none"
        decision = {"result": result, "handling": handling, "suggested": None, "reason": "综合认定"}
        self.say("decision", decision)
        by_day: dict[object, list[str]] = {}
        for code, value in said.items():
            if value["answer"] == "fail" and not value["corrected_on_spot"]:
                by_day.setdefault(value["deadline_on"], []).append(code)
        orders = [{"items": left, "text": "责令改正", "deadline_on": day} for day, left in by_day.items()]
        if orders:
            self.say("orders", orders)

    def follow_procedure(self) -> None:
        """What the law asks around the items: certificates, notice page, told in writing, signatures."""
        at = self.made_at.isoformat()
        self.say("certificates", {"shown": True, "at": at})
        self.say("notice", {"recusal": "asked", "note": "", "place": "店内前厅", "at": at})
        self.say("told", {"at": at, "how": "paper"})
        self.sign_by_hand("notice_operator", "notice_lead", "notice_second", "operator", "lead", "second")

    def sign_by_hand(self, *signers: str) -> None:
        """Signatures that are drawn."""
        for who in signers:
            self.say(f"signature/{who}", {"drawing": DRAWN, "at": self.made_at.isoformat()})

    def tell_and_sign_anew(self) -> list[dict[str, Any]]:
        """What supplements a paper is told and signed like the paper: these changes."""
        first = len(self.changes)
        self.say("told", {"at": self.made_at.isoformat(), "how": "paper"})
        self.sign_by_hand("operator", "lead", "second")
        return self.changes[first:]

    def find(self, code: str, **value: object) -> dict[str, Any]:
        """A failed item with all that its record needs."""
        return self.say(f"item/{code}", self._whole_finding({"answer": "fail", **value}))

    def _whole_finding(self, value: Mapping[str, object]) -> dict[str, object]:
        """A failed item with all that its record needs; what the test says of it stands."""
        if value.get("answer") != "fail":
            return dict(value)
        is_spot = bool(value.get("corrected_on_spot"))
        day = None if is_spot else self._in_a_week()
        unsaid = {"safety": False, "corrected_on_spot": is_spot, "deadline_on": day}
        return unsaid | ({} if value.get("words") else {"remark": "见现场"}) | dict(value)

    def _in_a_week(self) -> str:
        return (civil_day(self.made_at) + timedelta(days=7)).isoformat()

    def sign(self, number: str, text: str = "监督检查结果记录表", **fields: object) -> dict[str, Any]:
        """The lead's signature over everything that this tablet holds."""
        return self.say(
            "signed",
            {
                "text": text,
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "record_number": number,
                "held": {},
                "covers": [change["id"] for change in self.changes],
                "at": self.made_at.isoformat(),
                **fields,
            },
        )


@dataclass(frozen=True)
class Kept:
    """What a browser keeps of a sign-in: which tablet, its cookies, its token."""

    public_id: str
    cookies: Mapping[str, str]
    token: str


class TabletClient:
    """A tablet that has signed in; sends what it is told to."""

    def __init__(self, application: Flask, engine: Engine, public_id: str | None = None) -> None:
        self.client: FlaskClient = application.test_client()
        self.engine = engine
        self.public_id = public_id or fresh_id("tablet")
        self.token = ""

    def enrolment(self) -> str:
        """A one-time code of the administrator."""
        with transaction(self.engine) as session:
            return make_enrolment(session, label=self.public_id, actor=ADMINISTRATOR, now=utc_now())

    def sign_in(self, name: str, enrolment: str | None = None, **fields: object) -> TestResponse:
        """Sign in; keeps cookie and token."""
        tablet = {"id": self.public_id, "app_version": "1"}
        body = {"name": name, "password": PASSWORD, "tablet": tablet, "enrolment": enrolment, **fields}
        answer = self.client.post("/api/v1/session", json=body)
        self.token = answer.json["token"] if answer.status_code == 200 and answer.json else self.token
        return answer

    def kept(self) -> Kept:
        """What the browser would still have after it was closed and opened again."""
        names = ("hhb_staff", "hhb_form")
        cookies = {name: cookie.value for name in names if (cookie := self.client.get_cookie(name))}
        return Kept(self.public_id, cookies, self.token)

    def get(self, path: str, status: int = 200) -> Any:
        """A JSON answer."""
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code == status, answer.text[:600]
        return answer.json

    def post(self, body: object) -> TestResponse:
        """`POST /changes` with any body."""
        return self.client.post("/api/v1/changes", json=body, headers={"X-CSRFToken": self.token})

    def send(
        self,
        changes: Sequence[Any] = (),
        photos: Sequence[Mapping[str, Any]] = (),
        visits: Mapping[str, int] | None = None,
    ) -> Any:
        """`POST /changes` that is taken; the drawing of a signature follows, as from a tablet."""
        answer = self.post({"changes": list(changes), "photos": list(photos), "visits": visits or {}})
        assert answer.status_code == 200, answer.text[:600]
        received = {receipt["id"] for receipt in answer.json["receipts"]} if answer.json else set()
        for visit in {str(one["visit"]) for one in changes if _is_drawn(one, received)}:
            self.upload(visit, DRAWING, "image/png")
        return answer.json

    def put_piece(self, sha256: str, number: int, content: bytes) -> TestResponse:
        """One piece of a photo."""
        return self.client.put(
            f"/api/v1/photos/{sha256}/pieces/{number}",
            data=content,
            content_type="application/octet-stream",
            headers={"X-CSRFToken": self.token},
        )

    def upload(self, visit: str, content: bytes, media_type: str = "image/jpeg") -> str:
        """Announce a photo and send all its pieces; its hash."""
        announced = announcement(visit, content, media_type)
        (row,) = self.send(photos=[announced])["photos"]
        size = row["piece_bytes"]
        for number in range(-(-len(content) // size)):
            answer = self.put_piece(row["sha256"], number, content[number * size : (number + 1) * size])
            assert answer.status_code == 200, answer.text
        return str(row["sha256"])


def signed_in_tablet(application: Flask, engine: Engine, name: str) -> TabletClient:
    """A newly registered tablet on which somebody has signed in."""
    tablet = TabletClient(application, engine)
    answer = tablet.sign_in(name, tablet.enrolment())
    assert answer.status_code == 200, answer.text
    return tablet


def reopened(application: Flask, engine: Engine, kept: Kept) -> TabletClient:
    """The same tablet, opened again."""
    tablet = TabletClient(application, engine, kept.public_id)
    tablet.token = kept.token
    for name, value in kept.cookies.items():
        tablet.client.set_cookie(name, value)
    return tablet


def announcement(visit: str, content: bytes, media_type: str = "image/jpeg") -> dict[str, Any]:
    """What is said of a photo before its bytes."""
    sha256 = hashlib.sha256(content).hexdigest()
    return {"sha256": sha256, "visit": visit, "media_type": media_type, "size_bytes": len(content)}


def photo(width: int = 640, height: int = 480, shade: int = 90, **options: object) -> bytes:
    """A JPEG as a camera makes one."""
    picture = Image.effect_noise((width, height), 40).convert("RGB")
    ImageDraw.Draw(picture).rectangle((20, 20, width - 20, height // 2), fill=(shade, 120, 160))
    file = BytesIO()
    picture.save(file, "JPEG", quality=80, **options)
    return file.getvalue()


def account_id(engine: Engine, name: str) -> int:
    """The id of an account."""
    with transaction(engine) as session:
        return session.exec(select(Account.id).where(Account.name == name)).one() or 0
