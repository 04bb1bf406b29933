"""What a change may say: one model for each key of a visit; anything else is refused."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from inspections.visits.fieldwork import MOST_ASKED, MOST_CHOICES
from inspections.visits.sync.field_types import (
    Day,
    Identifier,
    Instant,
    KeyWord,
    Name,
    Note,
    Passage,
    Reading,
    RowId,
    Sha256,
    Strict,
    Wording,
    faults_of,
)

_MANY = 200
REGISTER_KINDS = ("sign_changed", "closed", "new_operator", "plate_seen", "plate_missing", "unlicensed")
SIGNERS = ("lead", "second", "operator", "witness")
NOTICE_SIGNERS = tuple(f"notice_{who}" for who in SIGNERS)

Photos = Annotated[list[Sha256], Field(max_length=_MANY)]


class VisitValue(Strict):
    """Which unit is visited, by whom, why, and by which rules.

    `items` and `recheck_of` (a record number) are those of a visit of a part; an assignment's own go before.
    """

    unit: KeyWord
    assignment: Identifier | None = None
    kind: Literal["daily", "campaign", "flying", "special", "case_based", "recheck"]
    source: Name
    reason: Note = ""
    lead: RowId
    second: RowId
    checklist: Sha256
    rulebook: RowId | None = None
    items: Annotated[list[KeyWord], Field(max_length=_MANY)] = Field(default_factory=list)
    recheck_of: Name | None = None
    opened_at: Instant


class CertificatesValue(Strict):
    """Whether the inspectors showed their certificates (Order 49, art. 24)."""

    shown: bool
    at: Instant


class NoticeValue(Strict):
    """The notice page and the question of recusal (art. 23)."""

    recusal: Literal["asked", "not_asked", "applied"]
    note: Note = ""
    place: Name = ""
    at: Instant


class MeasureValue(Strict):
    """A value read at an item."""

    value: Reading
    unit: Name


class ItemValue(Strict):
    """The answer to one item of the checklist."""

    answer: Literal["pass", "fail", "na", "unchecked"]
    safety: bool | None = None
    corrected_on_spot: bool | None = None
    deadline_on: Day | None = None
    words: Annotated[list[KeyWord], Field(max_length=40)] = Field(default_factory=list)
    remark: Note = ""
    measure: MeasureValue | None = None
    na_reason: Name = ""
    photos: Photos = Field(default_factory=list)


class RegisterValue(Strict):
    """What the visit found about the register."""

    note: Note = ""
    value: Name | None = None
    photos: Photos = Field(default_factory=list)


class GuestValue(Strict):
    """Guests by role: their names stay on paper."""

    role: Name
    count: Annotated[int, Field(ge=1, le=99)]


class ExamValue(Strict):
    """A random test of the unit's food-safety manager (art. 29)."""

    file: Sha256
    answers: Annotated[
        dict[KeyWord, Annotated[int, Field(ge=0, lt=MOST_CHOICES)]], Field(max_length=MOST_ASKED)
    ]
    asked: Annotated[int, Field(ge=1, le=MOST_ASKED)]
    right: Annotated[int, Field(ge=0, le=MOST_ASKED)]


class HealthValue(Strict):
    """The staff's health certificates that were looked at (Food Safety Law, art. 45); no names."""

    seen: Annotated[int, Field(ge=1, le=1_000)]
    earliest_until_on: Day


class ObstructionValue(Strict):
    """Why the unit could not be inspected (art. 49)."""

    ground: KeyWord
    note: Note = ""
    photos: Photos = Field(default_factory=list)


class LocationValue(Strict):
    """Where a record was made, taken down on an explicit tap."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    at: Instant


class DecisionValue(Strict):
    """What the inspectors decided on the whole (art. 31), beside what the rules suggested."""

    result: KeyWord
    handling: KeyWord
    suggested: KeyWord | None = None
    reason: Note = ""


class OrderValue(Strict):
    """One order to rectify (art. 33)."""

    items: Annotated[list[KeyWord], Field(max_length=_MANY)]
    text: Passage
    deadline_on: Day | None = None


class ToldValue(Strict):
    """How the result was told in writing (art. 35)."""

    at: Instant
    how: Name


class SignatureValue(Strict):
    """A signature, or its refusal with a witness or a recording (art. 34)."""

    drawing: Sha256 | None = None
    refused: bool = False
    reason: Note = ""
    witness: Name | None = None
    recording: Sha256 | None = None
    recording_kind: Literal["audio", "video"] | None = None
    text_sha256: Sha256 | None = None
    name: Name = ""
    at: Instant | None = None


class LinkValue(Strict):
    """The unit link that was handed over."""

    token_hash: Sha256


class HeldValue(Strict):
    """What the signing tablet held of another one, and when it last heard from it."""

    answers: Annotated[int, Field(ge=0, le=10_000)]
    heard_at: Instant | None = None


class SignedValue(Strict):
    """The signature over the whole: text as shown, its hash, the record number, what it covers."""

    text: Wording
    sha256: Sha256
    record_number: Name
    held: Annotated[dict[Identifier, HeldValue], Field(max_length=20)] = Field(default_factory=dict)
    covers: Annotated[list[Identifier], Field(max_length=2_000)] | None = None
    at: Instant


def _explained(value: DecisionValue) -> DecisionValue:
    if value.suggested is not None and value.suggested != value.result and not value.reason.strip():
        raise PydanticCustomError("choice", "结果与建议不同，要写明理由")
    return value


def _signed_or_refused(value: SignatureValue) -> SignatureValue:
    if (value.drawing is None) == (not value.refused):
        raise PydanticCustomError("choice", "要么有签名图，要么写明拒签")
    if value.refused and not value.reason.strip():
        raise PydanticCustomError("choice", "拒签要写明理由")
    return value


_ITEM = TypeAdapter(ItemValue)
_FIXED: dict[str, TypeAdapter[object]] = {
    "visit": TypeAdapter(VisitValue),
    "certificates": TypeAdapter(CertificatesValue),
    "notice": TypeAdapter(NoticeValue),
    "problems": TypeAdapter(Note),
    "guests": TypeAdapter(Annotated[list[GuestValue], Field(max_length=40)]),
    "exam": TypeAdapter(ExamValue),
    "health": TypeAdapter(HealthValue),
    "obstruction": TypeAdapter(ObstructionValue),
    "location": TypeAdapter(LocationValue),
    "decision": TypeAdapter(Annotated[DecisionValue, AfterValidator(_explained)]),
    "orders": TypeAdapter(Annotated[list[OrderValue], Field(max_length=100)]),
    "told": TypeAdapter(ToldValue),
    "link": TypeAdapter(LinkValue),
    "signed": TypeAdapter(SignedValue),
    **{f"register/{kind}": TypeAdapter(RegisterValue) for kind in REGISTER_KINDS},
    **{
        f"signature/{who}": TypeAdapter(Annotated[SignatureValue, AfterValidator(_signed_or_refused)])
        for who in (*SIGNERS, *NOTICE_SIGNERS)
    },
}
_NEVER_TAKEN_BACK = frozenset({"visit", "signed"})


def read_value(key: str, value: object) -> tuple[object, list[dict[str, str]]]:
    """The value of a key as its model (none where it is taken back), or what is wrong with it."""
    adapter = _ITEM if key.startswith("item/") and len(key) > len("item/") else _FIXED.get(key)
    if adapter is None:
        return None, [{"where": "key", "what": "没有这个项目"}]
    if value is None and key not in _NEVER_TAKEN_BACK:
        return None, []
    try:
        return adapter.validate_python(value), []
    except ValidationError as error:
        return None, faults_of(error, ("value",))


def photos_named(value: object) -> list[str]:
    """The SHA-256 of every photo, drawing or recording that a value names."""
    match value:
        case ItemValue() | RegisterValue() | ObstructionValue():
            return value.photos
        case SignatureValue():
            return [sha256 for sha256 in (value.drawing, value.recording) if sha256 is not None]
    return []
