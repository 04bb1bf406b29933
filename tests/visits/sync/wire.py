"""A tablet as the server meets it: keeps everything, sends until there is a receipt, notices a new epoch."""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bureau import PASSWORD
from tests.tablets import Draft, announcement, photo

_PATIENCE = 30.0
_MOST_CHANGES, _MOST_PHOTOS = 200, 50


class LostError(Exception):
    """Nothing came back, or the server was not there."""


@dataclass
class WireTablet:
    """One tablet on a port: its visits, and what of them has a receipt in the present life of the server."""

    port: int
    public_id: str
    name: str
    enrolment: Callable[[], str]
    drafts: list[Draft] = field(default_factory=list)
    photos: dict[str, tuple[dict[str, Any], bytes]] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    ever_received: set[str] = field(default_factory=set)
    epochs: list[str] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.token = ""

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Everything that this tablet has said."""
        return [change for draft in self.drafts for change in draft.changes]

    def sign_in(self) -> None:
        """Name and password; a tablet that the server does not know is enrolled anew."""
        body = {"name": self.name, "password": PASSWORD, "tablet": {"id": self.public_id, "app_version": "1"}}
        status, answer = self._call("POST", "/session", body)
        if status == 403 and answer["word"] == "enrolment_needed":
            status, answer = self._call("POST", "/session", body | {"enrolment": self.enrolment()})
        assert status == 200, answer
        self.token = answer["token"]

    def fetch_bundle(self) -> None:
        """What is leased to this tablet."""
        status, bundle = self._call("GET", "/bundle")
        assert status == 200, bundle
        self.numbers = bundle["record_numbers"]

    def photograph(self, draft: Draft, shade: int) -> str:
        """A photo of a visit, kept before anything names it."""
        content = photo(320, 240, shade)
        row = announcement(draft.visit, content)
        self.photos[row["sha256"]] = (row, content)
        return str(row["sha256"])

    def is_all_received(self) -> bool:
        """Whether everything has its receipt."""
        return {str(one["id"]) for one in self.changes} <= self.received and set(self.photos) <= self.whole

    def sends_the_rest(self) -> bool:
        """Send once more; whether everything has its receipt then."""
        self.sync()
        return self.is_all_received()

    def sync(self) -> None:
        """Send what has no receipt; whatever is lost on the way is sent the next time."""
        try:
            self._send_changes()
            for sha256 in set(self.photos) - self.whole:
                self._send_photo(sha256)
        except LostError:
            return

    def _send_changes(self) -> None:
        waiting = [one for one in self.changes if one["id"] not in self.received]
        rows = [row for sha256, (row, _) in self.photos.items() if sha256 not in self.whole]
        body = {"changes": waiting[:_MOST_CHANGES], "photos": rows[:_MOST_PHOTOS]}
        status, answer = self._call("POST", "/changes", body)
        if status == 401:
            self.sign_in()
        if "receipts" not in answer:
            self.token = ""
            return
        if self.epochs[-1:] != [answer["epoch"]]:
            # Another life of the database: what had a receipt may be missing there.
            self.epochs.append(answer["epoch"])
            self.received.clear()
            self.whole.clear()
        self.received |= {row["id"] for row in answer["receipts"]}
        self.ever_received |= self.received
        self.refusals += [row for row in answer["refusals"] if row["word"] not in _FOR_NOW]

    def _send_photo(self, sha256: str) -> None:
        status, row = self._call("PUT", f"/photos/{sha256}/pieces/0", self.photos[sha256][1])
        if status == 200 and row["complete"] and row["epoch"] == self.epochs[-1]:
            self.whole.add(sha256)

    def _call(self, method: str, path: str, what: object = None) -> tuple[int, dict[str, Any]]:
        is_open = path == "/session" or method == "GET"
        if not self.token and not is_open:
            status, answer = self._call("GET", "/token")
            if status != 200:
                return status, answer
            self.token = answer["token"]
        is_bytes = isinstance(what, bytes)
        body = what if is_bytes else json.dumps(what).encode() if what is not None else None
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if not is_open:
            headers["X-CSRFToken"] = self.token
        if body is not None:
            headers["Content-Type"] = "application/octet-stream" if is_bytes else "application/json"
        return self._exchange(method, path, body, headers)

    def _exchange(
        self, method: str, path: str, body: object, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        try:
            connection.request(method, f"/api/v1{path}", body, headers)  # type: ignore[arg-type]  # bytes or none
            answer = connection.getresponse()
            content = answer.read()
            for header in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = header.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, json.loads(content)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LostError from error
        finally:
            connection.close()


_FOR_NOW = frozenset({"unknown_visit", "not_all_received"})
