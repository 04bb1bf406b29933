"""Bodies of calls: read strictly, and one broken change never takes the others with it."""

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from inspections.visits.sync.field_types import Clean, Identifier, Instant, Name, Sha256, Strict, faults_of

MEDIA_TYPES = (
    "image/jpeg", "image/png", "image/webp",
    "audio/webm", "audio/mp4", "audio/ogg", "video/webm", "video/mp4",
)  # fmt: skip
MOST_CHANGES, MOST_PHOTOS, MOST_VISITS = 500, 100, 100
LARGEST_IMAGE, LARGEST_RECORDING = 8 * 1024 * 1024, 48 * 1024 * 1024

ModelT = TypeVar("ModelT", bound=Strict)


class ChangeRow(Strict):
    """One change as it travels; its value is read by the key's own model."""

    id: Identifier
    visit: Identifier
    key: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[0-9A-Za-z_./-]+$")]
    value: Any
    replaces: Annotated[list[Identifier], Field(max_length=100)] = Field(default_factory=list)
    made_at: Instant


class PhotoRow(Strict):
    """A photo or recording that is announced."""

    sha256: Sha256
    visit: Identifier
    media_type: Literal[MEDIA_TYPES]  # type: ignore[valid-type]  # a closed list kept in one place
    size_bytes: Annotated[int, Field(ge=1, le=LARGEST_RECORDING)]
    taken_at: Instant | None = None


class Envelope(Strict):
    """The outside of `POST /changes`."""

    changes: Annotated[list[Any], Field(max_length=MOST_CHANGES)] = Field(default_factory=list)
    photos: Annotated[list[Any], Field(max_length=MOST_PHOTOS)] = Field(default_factory=list)
    visits: Annotated[
        dict[Identifier, Annotated[int, Field(ge=0, le=2**53)]], Field(max_length=MOST_VISITS)
    ] = Field(default_factory=dict)
    unsent: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class TabletRow(Strict):
    """Which tablet signs in."""

    id: Identifier
    app_version: Name = ""


class SessionBody(Strict):
    """A sign-in on a tablet."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), Clean]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1_000), Clean]
    code: Annotated[str, StringConstraints(max_length=20), Clean] | None = None
    tablet: TabletRow
    enrolment: Annotated[str, StringConstraints(max_length=40), Clean] | None = None


@dataclass(frozen=True)
class Malformed:
    """A change or photo that cannot even be read: where it stood, its id where that much was readable."""

    at: str
    id: str | None
    faults: list[dict[str, str]]


@dataclass(frozen=True)
class ChangesBody:
    """What a tablet sent: what could be read, and what could not."""

    changes: dict[str, ChangeRow] = field(default_factory=dict)
    """By their place in the request."""
    photos: dict[str, PhotoRow] = field(default_factory=dict)
    malformed: list[Malformed] = field(default_factory=list)
    visits: dict[str, int] = field(default_factory=dict)
    unsent: int | None = None


def read_json(content: bytes) -> object:
    """A JSON text without the numbers that JSON does not have; a `ValueError` says that it is none."""
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


def read_changes(body: object) -> ChangesBody:
    """The body of `POST /changes`; a broken outside raises, a broken change is named and left out."""
    envelope = Envelope.model_validate(body)
    malformed: list[Malformed] = []
    changes = _rows(ChangeRow, "changes", envelope.changes, malformed)
    photos = _rows(PhotoRow, "photos", envelope.photos, malformed)
    return ChangesBody(changes, photos, malformed, envelope.visits, envelope.unsent)


def _rows(model: type[ModelT], part: str, rows: list[Any], malformed: list[Malformed]) -> dict[str, ModelT]:
    found: dict[str, ModelT] = {}
    for place, row in enumerate(rows):
        at = f"{part}/{place}"
        try:
            found[at] = model.model_validate(row)
        except ValidationError as error:
            malformed.append(Malformed(at, _readable_id(row), faults_of(error, (at,))))
    return found


_ID: TypeAdapter[str] = TypeAdapter(Identifier)


def _readable_id(row: object) -> str | None:
    try:
        return _ID.validate_python(row.get("id") if isinstance(row, dict) else None)
    except ValidationError:
        return None
