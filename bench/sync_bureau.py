"""A bureau with fifty inspectors and tablets, and everything that these will send: for the sync bench."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from sqlmodel import Session, col, select

from inspections.campaigns.tables import Assignment, AssignmentSource
from inspections.people.passwords import hash_password
from inspections.people.sessions import start_session
from inspections.people.tables import Account, AccountRole, Role, SessionKind, Tablet
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import open_database, transaction
from inspections.record.migrate import migrate
from inspections.record.settings import settings_on
from inspections.rulebooks.queries import newest_checklist, newest_rulebook
from inspections.rulebooks.service import load_seeds
from inspections.units.importing import load_units
from inspections.units.register_file import UnitRow
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.sync.leases import lease_numbers

TABLETS, VISITS, PHOTOS = 50, 5, 6
PHOTO_BYTES = 300_000
CHECKLIST = "cn-catering-2022"
SIGNERS = ("notice_operator", "notice_lead", "notice_second", "operator", "lead", "second")


@dataclass(frozen=True)
class Shot:
    """A photo or a drawn signature, with its hash."""

    visit: str
    content: bytes
    sha256: str
    media_type: str


@dataclass(frozen=True)
class Load:
    """What one tablet brings."""

    cookie: str
    changes: Sequence[dict[str, Any]]
    shots: Sequence[Shot]


class Camera:
    """Takes photos of the agreed size, each of other pixels."""

    def __init__(self) -> None:
        self.scene = Image.effect_noise((1600, 1200), 30).convert("RGB")
        self.quality, self.drawn = 95, 0
        while len(self._taken()) > PHOTO_BYTES:
            self.quality -= 5

    def _taken(self) -> bytes:
        file = BytesIO()
        self.scene.save(file, "JPEG", quality=self.quality)
        return file.getvalue()

    def signature(self) -> bytes:
        """A signature as a tablet draws it, of other strokes each time."""
        self.drawn += 1
        picture = Image.new("RGBA", (600, 200), (255, 255, 255, 0))
        strokes = [(20 + 40 * n, 70 + 60 * (self.drawn >> n & 1)) for n in range(14)]
        ImageDraw.Draw(picture).line(strokes, fill=(0, 0, 0, 255), width=5)
        file = BytesIO()
        picture.save(file, "PNG")
        return file.getvalue()

    def photo(self, number: int) -> bytes:
        """The photo with this number, filled up with notes to the agreed size."""
        for bit in range(12):
            shade = 255 * (number >> bit & 1)
            self.scene.paste((shade, shade, shade), (bit * 16, 0, bit * 16 + 16, 16))
        content, exif = self._taken(), Image.Exif()
        exif[0x010E] = "note ".ljust(max(20, min(60_000, PHOTO_BYTES - len(content))), ".")
        notes = exif.tobytes()
        return content[:2] + b"\xff\xe1" + (len(notes) + 2).to_bytes(2, "big") + notes + content[2:]


def make_bureau(folder: Path) -> list[Load]:
    """A bureau with fifty inspectors and tablets, and everything that these will send."""
    engine = open_database(f"sqlite:///{folder / 'honghei.sqlite'}")
    migrate(engine)
    now = utc_now()
    with transaction(engine) as session:
        load_seeds(session, actor="bench", now=now)
        accounts, cookies, numbers = _staff(session, now)
        units = _units(session, now)
        stored = newest_checklist(session, CHECKLIST)
        codes = [item.code for item in stored.checklist.items]
        loads = []
        rulebook = newest_rulebook(session, "order49-2022").version_id
        camera = Camera()
        for place in range(TABLETS):
            changes: list[dict[str, Any]] = []
            shots: list[Shot] = []
            for visit in range(VISITS):
                unit_id, premises_id, code = units[place * VISITS + visit]
                lead, second = accounts[place], accounts[(place + 1) % TABLETS]
                public_id = secrets.token_hex(16)
                session.add(_assignment(public_id, unit_id, premises_id, lead, second, now))
                first = (place * VISITS + visit) * PHOTOS
                taken = [_shot(public_id, camera.photo(first + n)) for n in range(PHOTOS)]
                drawn = [_shot(public_id, camera.signature(), "image/png") for _ in SIGNERS]
                head = {
                    "unit": code,
                    "lead": lead,
                    "second": second,
                    "checklist": stored.sha256,
                    "rulebook": rulebook,
                }
                changes += _visit(public_id, head, codes, taken, drawn, numbers[place][visit], now)
                shots += taken + drawn
            loads.append(Load(cookies[place], changes, shots))
    engine.dispose()
    return loads


def _staff(session: Session, now: datetime) -> tuple[list[int], list[str], list[list[str]]]:
    accounts, cookies, numbers = [], [], []
    password = hash_password("bench password")
    for place in range(TABLETS):
        account = Account(name=f"检查员{place:02}", password_hash=password, created_at=now)
        tablet = Tablet(
            public_id=f"tablet-{place:04}", label=f"平板{place}", registered_at=now, registered_by="bench"
        )
        session.add_all([account, tablet])
        session.flush()
        session.add(AccountRole(account_id=account.id or 0, role=Role.INSPECTOR))
        session.flush()
        accounts.append(account.id or 0)
        cookies.append(
            start_session(
                session,
                account_id=account.id or 0,
                kind=SessionKind.TABLET,
                now=now,
                lasts=timedelta(days=7),
                tablet_id=tablet.id,
            )
        )
        settings = settings_on(session, civil_day(now))
        numbers.append(lease_numbers(session, tablet.id or 0, settings=settings, now=now))
    return accounts, cookies, numbers


def _units(session: Session, now: datetime) -> list[tuple[int, int, str]]:
    rows = [
        UnitRow(
            licence_name=f"示范区示例饺子馆{number:04}号店",
            sign_name=f"示例饺子馆{number:04}",
            address=f"文明路{number}号",
            street="示例镇",
            unit_type="restaurant",
            from_on=civil_day(now) - timedelta(days=400),
        )
        for number in range(TABLETS * VISITS)
    ]
    load_units(
        session, rows, on=civil_day(now), now=now, actor="bench", file_name="bench.csv", file_sha256="0" * 64
    )
    query = (
        select(CateringUnit.id, Premises.id, Premises.code)
        .join(Premises, col(Premises.id) == col(CateringUnit.premises_id))
        .order_by(col(CateringUnit.id))
    )
    return [(unit or 0, door or 0, code) for unit, door, code in session.exec(query)]


def _assignment(
    public_id: str, unit_id: int, premises_id: int, lead: int, second: int, now: datetime
) -> Assignment:
    return Assignment(
        public_id=public_id,
        unit_id=unit_id,
        premises_id=premises_id,
        kind="daily",
        source=AssignmentSource.PLAN,
        state_at=now,
        lead_account_id=lead,
        second_account_id=second,
        release_on=civil_day(now),
        made_by="bench",
        made_at=now,
    )


def _shot(visit: str, content: bytes, media_type: str = "image/jpeg") -> Shot:
    return Shot(visit, content, hashlib.sha256(content).hexdigest(), media_type)


def _visit(
    visit: str,
    head: dict[str, Any],
    codes: Sequence[str],
    shots: Sequence[Shot],
    drawings: Sequence[Shot],
    number: str,
    now: datetime,
) -> list[dict[str, Any]]:
    at, until = now.isoformat(), (civil_day(now) + timedelta(days=7)).isoformat()
    text = "监督检查结果记录表\n" + "检查情况：" * 200
    said: list[tuple[str, Any]] = [
        ("visit", {**head, "assignment": visit, "kind": "daily", "source": "plan", "opened_at": at}),
        ("certificates", {"shown": True, "at": at}),
        ("notice", {"recusal": "asked", "at": at}),
    ]
    for place, code in enumerate(codes):
        value: dict[str, Any] = {"answer": "pass"}
        if place < len(shots):
            value = {
                "answer": "fail",
                "safety": False,
                "remark": "检查时发现的问题" * 4,
                "deadline_on": until,
                "photos": [shots[place].sha256],
            }
        said.append((f"item/{code}", value))
    decision = {"result": "basically_compliant", "handling": "written_deadline", "reason": "综合认定"}
    said.append(("decision", decision))
    order = {"items": list(codes[: len(shots)]), "text": "责令限期改正", "deadline_on": until}
    said += [("orders", [order]), ("told", {"at": at, "how": "paper"})]
    for who, drawing in zip(SIGNERS, drawings, strict=True):
        said.append((f"signature/{who}", {"drawing": drawing.sha256, "at": at}))
    changes = [
        {
            "id": secrets.token_hex(16),
            "visit": visit,
            "key": key,
            "value": value,
            "replaces": [],
            "made_at": at,
        }
        for key, value in said
    ]
    signed = {
        "text": text,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "record_number": number,
        "covers": [change["id"] for change in changes],
        "at": at,
    }
    return [
        *changes,
        {"id": secrets.token_hex(16), "visit": visit, "key": "signed", "value": signed, "made_at": at},
    ]
