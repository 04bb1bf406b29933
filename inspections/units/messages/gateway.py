"""The SMS gateway: one HTTP request for one text message, and what its answer means."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from inspections.record.settings import SMS_REQUEST, Settings

TIMEOUT_SECONDS = 10
_LONGEST_ANSWER = 4_096
_SHOWN = 200
_PLACE = re.compile(r"\{mobile\}|\{text\}|\{id\}")
# Refusals that pass by themselves: a timeout, too early, too many at once.
_PASSING = frozenset({408, 425, 429})


class Outcome(StrEnum):
    """What became of one attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Gateway:
    """Where text messages go, in which form, known by which secret."""

    address: str
    request: str
    accepted: str | None
    token: str | None


@dataclass(frozen=True)
class Answer:
    """What the gateway made of one message, in words for the desk."""

    outcome: Outcome
    words: str


def gateway_of(settings: Settings, token: str | None) -> Gateway | None:
    """The gateway in force; none where only letters are used."""
    address = settings.optional_text("sms_gateway")
    if not address:
        return None
    request = settings.optional_text("sms_request") or SMS_REQUEST
    return Gateway(address, request, settings.optional_text("sms_accepted"), token)


def hand_over(gateway: Gateway, *, mobile: str, text: str, public_id: str) -> Answer:
    """Hand one message over; whatever happens is an answer, never an exception. No redirect is followed."""
    said = {"{mobile}": mobile, "{text}": text, "{id}": public_id}
    body = json.dumps(_filled(json.loads(gateway.request), said), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if gateway.token:
        headers["Authorization"] = f"Bearer {gateway.token}"
    try:
        status, heard = _posted(gateway.address, body, headers)
    except (OSError, http.client.HTTPException) as error:
        return Answer(Outcome.FAILED, f"连不上网关或没有回答：{str(error) or type(error).__name__}"[:_SHOWN])
    if 200 <= status < 300:
        if gateway.accepted and gateway.accepted not in heard:
            return Answer(Outcome.REFUSED, f"网关没有受理：{heard}"[:_SHOWN])
        return Answer(Outcome.ACCEPTED, "网关已受理")
    is_final = 300 <= status < 500 and status not in _PASSING
    return Answer(Outcome.REFUSED if is_final else Outcome.FAILED, f"网关回答 {status}")


def _posted(address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(_LONGEST_ANSWER).decode("utf-8", "replace")
    finally:
        connection.close()


def _filled(fields: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """The request with its places filled in, in one pass: what stands in a text is never read as a place."""
    return {name: _PLACE.sub(lambda found: said[found.group()], pattern) for name, pattern in fields.items()}
