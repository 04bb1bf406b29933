"""What a tablet would send of one visit: the same changes again whenever they are asked for."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from grading.vocabulary import Answer
from publishing.demonstration.answers import Note, Sheet
from publishing.demonstration.chance import Chance
from publishing.demonstration.pictures import CLOSED_DOOR, FINDINGS, SIGNATURES, media_type, picture
from publishing.demonstration.words import checklist


@dataclass(frozen=True)
class Opening:
    """What the first change of a visit says."""

    visit: str
    unit: str
    unit_name: str
    kind: str
    source: str
    reason: str
    lead: int
    second: int
    checklist: str
    rulebook: int | None
    number: str
    opened_at: datetime


@dataclass
class Record:
    """One visit as its lead's tablet holds it: changes, and the pictures that they name."""

    opening: Opening
    chance: Chance
    changes: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    """Names of pictures by their SHA-256."""

    def inspected(self, sheet: Sheet, result: str | None, handling: str | None) -> None:
        """A whole visit: certificates, notice, every item, decision, orders, told and signed."""
        self._begin()
        self._signatures(SIGNATURES, page="notice_")
        notes = {note.code: note for note in sheet.notes}
        for item, letter in zip(checklist().items, sheet.answers, strict=True):
            self._say(f"item/{item.code}", self._item(Answer(letter), notes.get(item.code)))
        decided = handling or ("written_deadline" if sheet.notes else "none")
        self._say("decision", {"result": result, "handling": decided, "suggested": result})
        orders = list(_orders(sheet))
        if orders:
            self._say("orders", orders)
        self._say("told", {"at": self._at, "how": "paper"})
        self._signatures(SIGNATURES)
        self._sign([f"结果：{result}", *(f"{note.code} {note.text}" for note in sheet.notes)])

    def shut(self) -> None:
        """Nobody opened: a photo of the door, and the visit ends."""
        self._begin()
        photos = [self._picture(CLOSED_DOOR)]
        said = {"ground": "closed_door", "note": "到店时卷帘门关闭，电话无人接听。", "photos": photos}
        self._say("obstruction", said)
        self._signatures(("lead", "second"))
        self._sign(["未能检查：到场时关门，无人应答"])

    def body(self) -> dict[str, Any]:
        """What is sent in one request."""
        photos = [
            {
                "sha256": sha256,
                "visit": self.opening.visit,
                "media_type": media_type(name),
                "size_bytes": len(picture(name)),
            }
            for sha256, name in self.pictures.items()
        ]
        return {"changes": self.changes, "photos": photos, "unsent": 0}

    @property
    def _at(self) -> str:
        return (self.opening.opened_at + timedelta(seconds=20 * len(self.changes))).isoformat()

    def _begin(self) -> None:
        first = self.opening
        self._say(
            "visit",
            {
                "unit": first.unit,
                "assignment": first.visit,
                "kind": first.kind,
                "source": first.source,
                "reason": first.reason,
                "lead": first.lead,
                "second": first.second,
                "checklist": first.checklist,
                "rulebook": first.rulebook,
                "opened_at": first.opened_at.isoformat(),
            },
        )
        self._say("certificates", {"shown": True, "at": self._at})
        self._say("notice", {"recusal": "asked", "note": "", "place": "店内前厅", "at": self._at})

    def _item(self, answer: Answer, note: Note | None) -> Mapping[str, Any]:
        if answer is Answer.NOT_APPLICABLE:
            return {"answer": "na", "na_reason": "unit_type"}
        if note is None:
            return {"answer": "pass"}
        taken = [name for name in FINDINGS if self._hash(name) not in self.pictures][:1]
        return {
            "answer": "fail",
            "safety": answer is Answer.FAIL_SAFETY,
            "corrected_on_spot": note.corrected_on_spot,
            "deadline_on": note.deadline_on.isoformat() if note.deadline_on else None,
            "remark": note.text,
            "photos": [self._picture(name) for name in taken],
        }

    def _signatures(self, signers: Iterable[str], *, page: str = "") -> None:
        for who in signers:
            drawn = {"drawing": self._picture(SIGNATURES[who]), "at": self._at}
            self._say(f"signature/{page}{who}", drawn)

    def _picture(self, name: str) -> str:
        sha256 = self._hash(name)
        self.pictures[sha256] = name
        return sha256

    @staticmethod
    def _hash(name: str) -> str:
        return hashlib.sha256(picture(name)).hexdigest()

    def _sign(self, lines: list[str]) -> None:
        first = self.opening
        heading = [f"监督检查结果记录表（演示） {first.number}", first.unit_name]
        text = "\n".join([*heading, *lines])
        self._say(
            "signed",
            {
                "text": text,
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "record_number": first.number,
                "held": {},
                "covers": [change["id"] for change in self.changes],
                "at": self._at,
            },
        )

    def _say(self, key: str, value: object) -> None:
        self.changes.append(
            {
                "id": self.chance.octets(16).hex(),
                "visit": self.opening.visit,
                "key": key,
                "value": value,
                "made_at": self._at,
            }
        )


def _orders(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """One order for all that was not put right at once."""
    left = [note for note in sheet.notes if not note.corrected_on_spot]
    if left:
        last = max((note.deadline_on for note in left if note.deadline_on), default=None)
        yield {
            "items": [note.code for note in left],
            "text": "；".join(note.text for note in left),
            "deadline_on": last.isoformat() if last else None,
        }
