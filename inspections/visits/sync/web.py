"""Calls of the tablet application: parse, one use case, one answer; described by `docs/api/openapi.yaml`."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, request
from flask_wtf.csrf import generate_csrf
from pydantic import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from inspections.people.service import AccountError
from inspections.people.signing_in import Attempt, sign_in
from inspections.people.tables import StaffSession
from inspections.people.tablets import TabletRefusedError, admit_tablet
from inspections.people.throttle import TooManyAttemptsError
from inspections.people.totp import CodeRefusedError
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only
from inspections.record.epochs import backed_up_until, current_epoch
from inspections.record.settings import settings_on
from inspections.surface.client import client_address
from inspections.surface.errors import ApiError
from inspections.surface.guard import signed_in
from inspections.surface.pictures import PictureError
from inspections.surface.staff import SESSION_COOKIE, this_house
from inspections.units.codes import parse_code
from inspections.visits.sync.answering import changes_answer, iso, photo_row
from inspections.visits.sync.bundle import (
    MOST_WANTED,
    Asking,
    bundle_for,
    found_units,
)
from inspections.visits.sync.documents import DocumentError, document_pdf
from inspections.visits.sync.field_types import faults_of
from inspections.visits.sync.opening import Sender
from inspections.visits.sync.photos import (
    PIECE_BYTES,
    PieceError,
    UnknownPhotoError,
    photo_state,
    picture_for,
    receive_piece,
)
from inspections.visits.sync.requests import SessionBody, read_changes, read_json
from inspections.visits.sync.service import receive_changes

# The largest honest batch: 200 changes, every one with the longest remark, and a signed text.
LARGEST_JSON = 4 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_QUERY = 60
_VISIT = re.compile(r"[0-9A-Za-z_-]{8,64}")

tablet_calls = Blueprint("sync", __name__, url_prefix="/api/v1")


@tablet_calls.after_request
def _with_epoch(response: Response) -> Response:
    """Which life of the database answers, and what its clock says: in refusals too."""
    response.headers["X-HHB-Epoch"] = _epoch()
    response.headers["X-HHB-Server-Time"] = iso(_now())
    return response


@tablet_calls.post("/session")
def open_session() -> Response:
    """Sign in on a tablet; a new tablet registers itself with its one-time code."""
    body = _session_body()
    house, now = this_house(), _now()
    with read_only(house.engine) as session:
        days = settings_on(session, civil_day(now)).number("tablet_offline_days")
    lasts = timedelta(days=days)
    attempt = Attempt(
        name=body.name,
        password=body.password,
        code=body.code,
        address=client_address(request, house.configuration.trusted_proxies),
        device=request.headers.get("User-Agent", ""),
    )
    admit = partial(
        admit_tablet,
        public_id=body.tablet.id,
        app_version=body.tablet.app_version,
        enrolment=body.enrolment,
        now=now,
    )
    try:
        signed = sign_in(house, attempt, now, lasts=lasts, tablet=admit)
    except TooManyAttemptsError as refusal:
        raise ApiError(429, "too_many_requests", str(refusal)) from refusal
    except TabletRefusedError as refusal:
        raise ApiError(403, refusal.word, str(refusal)) from refusal
    except AccountError as refusal:
        word = "code_needed" if isinstance(refusal, CodeRefusedError) else "wrong_password"
        raise ApiError(403, word, str(refusal)) from refusal
    account = {"id": signed.account.id, "name": signed.account.name}
    response = _answer({"account": account, "offline_until": now + lasts, "token": generate_csrf()})
    response.set_cookie(
        SESSION_COOKIE,
        signed.token,
        max_age=int(lasts.total_seconds()),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@tablet_calls.get("/token")
def token() -> Response:
    """A fresh token for whatever writes, and who this session belongs to."""
    identity = signed_in()
    with read_only(this_house().engine) as session:
        until = session.get_one(StaffSession, identity.session_id).expires_at
        covered = backed_up_until(session)
    account = {"id": identity.account_id, "name": identity.name}
    parts = {"token": generate_csrf(), "account": account, "offline_until": until, "backed_up_until": covered}
    return _answer(parts)


@tablet_calls.get("/bundle")
def bundle() -> Response:
    """All that work without a network needs."""
    identity, house = signed_in(), this_house()
    held = ",".join(request.args.getlist("links")) if "links" in request.args else "0"
    if set(request.args) - {"links", "units"} or not re.fullmatch(r"[0-9]{1,4}", held):
        raise _invalid([{"where": "links", "what": "应是 0 到 9999 的整数"}])
    asking = Asking(
        identity.account_id, identity.session_id, identity.tablet_id or 0, int(held), _codes_asked()
    )
    content = bundle_for(house.engine, asking, now=_now())
    with read_only(house.engine) as session:
        covered = backed_up_until(session)
    return _answer(content | {"backed_up_until": covered})


@tablet_calls.get("/units")
def units() -> Response:
    """Units by a word of their name, address, code or number: for a visit that nobody assigned."""
    query = request.args.get("q", "").strip()
    if set(request.args) - {"q"} or not 2 <= len(query) <= _LONGEST_QUERY:
        raise _invalid([{"where": "q", "what": f"应有 2 到 {_LONGEST_QUERY} 个字"}])
    with read_only(this_house().engine) as session:
        return _answer(found_units(session, query, civil_day(_now())))


def _codes_asked() -> tuple[str, ...]:
    """The doors whose units the tablet wants beside its assignments."""
    typed = [code for code in ",".join(request.args.getlist("units")).split(",") if code]
    codes = [parse_code(code) for code in typed]
    if len(codes) > MOST_WANTED or None in codes:
        raise _invalid([{"where": "units", "what": f"应是至多 {MOST_WANTED} 个门店码"}])
    return tuple(code for code in codes if code is not None)


@tablet_calls.post("/changes")
def changes() -> Response:
    """Take changes and announcements; what has a receipt is durable."""
    identity, house, now = signed_in(), this_house(), _now()
    try:
        body = read_changes(_json_body())
    except ValidationError as error:
        raise _invalid(faults_of(error)) from error
    sender = Sender(identity.account_id, identity.name, identity.tablet_id or 0)
    received = receive_changes(house.engine, sender, body, now=now)
    content = changes_answer(house, sender, body, received)
    took_nothing = bool(body.malformed) and not received.receipts and not received.photos
    if not took_nothing:
        return _answer(content)
    refusal = {"ok": False, "status": 422, "word": "invalid", "error": str(_invalid([])), "errors": []}
    return _answer(content | refusal, 422)


@tablet_calls.get("/photos/<sha256>/pieces")
def pieces(sha256: str) -> Response:
    """Which pieces of an announced photo are there."""
    try:
        state = photo_state(this_house(), _known_form(_SHA256, sha256), signed_in().account_id)
    except UnknownPhotoError as error:
        raise ApiError(404, "not_found", str(error)) from error
    return _answer(photo_row(state))


@tablet_calls.put("/photos/<sha256>/pieces/<int(max=9999):number>")
def piece(sha256: str, number: int) -> Response:
    """Take one piece of an announced photo."""
    _known_form(_SHA256, sha256)
    content = _body("application/octet-stream", PIECE_BYTES)
    account_id = signed_in().account_id
    try:
        state = receive_piece(this_house(), sha256, number, content, account_id=account_id, now=_now())
    except UnknownPhotoError as error:
        raise ApiError(404, "not_found", str(error)) from error
    except (PieceError, PictureError) as error:
        raise ApiError(422, "invalid", str(error)) from error
    return _answer(photo_row(state))


@tablet_calls.get("/photos/<sha256>")
def picture(sha256: str) -> Response:
    """A picture that this account may see, drawn anew without metadata."""
    _known_form(_SHA256, sha256)
    found = picture_for(this_house(), sha256, account_id=signed_in().account_id)
    if found is None:
        raise ApiError(404, "not_found", "没有这张照片，或它不属于您的检查。")
    content, media_type = found
    response = Response(content, mimetype=media_type)
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@tablet_calls.get("/visits/<visit>/documents/<name>.pdf")
def document(visit: str, name: str) -> Response:
    """A paper of a visit as PDF, the same content as the tablet prints."""
    _known_form(_VISIT, visit)
    try:
        found = document_pdf(this_house(), visit, name, account_id=signed_in().account_id)
    except DocumentError as error:
        raise ApiError(409, "not_signed", str(error)) from error
    if found is None:
        raise ApiError(404, "not_found", "没有这份文书，或它不属于您的检查。")
    response = Response(found.content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{found.file_name}"
    return response


def _now() -> datetime:
    """The one instant of this call."""
    if "now" not in g:
        g.now = utc_now()
    now: datetime = g.now
    return now


def _epoch() -> str:
    """The life of the database that this call is answered from."""
    if "epoch" not in g:
        g.epoch = current_epoch(this_house().engine, _now())
    epoch: str = g.epoch
    return epoch


def _session_body() -> SessionBody:
    try:
        return SessionBody.model_validate(_json_body())
    except ValidationError as error:
        raise _invalid(faults_of(error)) from error


def _json_body() -> object:
    try:
        return read_json(_body("application/json", LARGEST_JSON))
    except ValueError as error:
        raise _invalid([{"where": "", "what": "不是有效的 JSON"}]) from error


def _body(media_type: str, largest: int) -> bytes:
    if request.mimetype != media_type:
        raise UnsupportedMediaType
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge
    content = request.get_data(cache=False)
    if len(content) > largest:
        raise RequestEntityTooLarge
    return content


def _known_form(pattern: re.Pattern[str], text: str) -> str:
    """An address that names nothing which could ever be there answers 404 like one that names nothing."""
    if not pattern.fullmatch(text):
        raise ApiError(404, "not_found", "地址不对，或这条记录不存在。")
    return text


def _invalid(errors: list[dict[str, str]]) -> ApiError:
    return ApiError(
        422, "invalid", "内容不符合要求；没有保存任何内容，平板上的都还在，请核对后再传。", errors
    )


def _answer(content: Mapping[str, Any], status: int = 200) -> Response:
    now = _now()
    body = {"ok": True, "epoch": _epoch(), "server_time": now, **content}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_as_text)
    return Response(text, status, mimetype="application/json")


def _as_text(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot travel")
