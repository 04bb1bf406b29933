"""Closed by default: an endpoint without a row in the access policy answers 403, whoever asks.

The surface knows no role by name: it is told the policy, and who is signed in, by `app.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

_LARGEST_ROW = 2**31 - 1
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Identity:
    """Who is signed in on this request, and from which tablet where it is one."""

    account_id: int
    name: str
    roles: frozenset[str]
    session_id: int
    tablet_id: int | None = None


@dataclass(frozen=True)
class Access:
    """Who may call an endpoint: anyone, or the accounts with one of the roles.

    `readers` are roles that may only look (GET). `tablet` asks for a session that was opened on a tablet.
    """

    is_public: bool = False
    roles: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()
    tablet: bool = False

    def admits(self, identity: Identity | None, method: str) -> bool:
        """Whether this person may call it with this method."""
        if self.is_public:
            return True
        if identity is None or (self.tablet and identity.tablet_id is None):
            return False
        allowed = self.roles | self.readers if method in SAFE_METHODS else self.roles
        return bool(identity.roles & allowed)


ANYONE = Access(is_public=True)

WhoAsks = Callable[[], Identity | None]


class RowNumber(IntegerConverter):
    """A row's number in an address; one that no table can hold leads nowhere."""

    def __init__(self, url_map: Map, fixed_digits: int = 0, max: int = _LARGEST_ROW) -> None:
        super().__init__(url_map, fixed_digits, max=max)


def number_rows(app: Flask) -> None:
    """Have `<int:…>` in an address mean a row's number; before any blueprint is registered."""
    app.url_map.converters["int"] = RowNumber


def refuse_zero_bytes(app: Flask, surfaces: tuple[str, ...]) -> None:
    """Refuse addresses of these surfaces with what no keyboard sends and no database takes: a zero byte.

    What stands in a form or behind the question mark is read field by field, and refused or cleaned there.
    """

    @app.before_request
    def look_at_the_address() -> None:
        if request.path.startswith(surfaces) and "\0" in request.path:
            abort(400)


def close_by_default(
    app: Flask, policy: Mapping[str, Access], who_asks: WhoAsks, sign_in_endpoint: str
) -> None:
    """Refuse every call that the policy does not admit, before its view runs.

    A page of the staff leads a visitor who is not signed in to the sign-in; anything else answers 401 or 403.
    """

    @app.before_request
    def refuse_unlisted() -> Response | None:
        endpoint = request.endpoint
        if endpoint is None:
            return None
        access = policy.get(endpoint)
        if access is None:
            abort(403)
        if access.is_public:
            return None
        identity = who_asks()
        g.identity = identity
        if access.admits(identity, request.method):
            return None
        if identity is not None:
            abort(403)
        if request.method == "GET" and not request.path.startswith("/api/"):
            return redirect(url_for(sign_in_endpoint, to=request.full_path.rstrip("?")), code=303)
        return _not_signed_in()


def _not_signed_in() -> NoReturn:
    abort(401)


def signed_in() -> Identity:
    """Who is signed in; only for views whose endpoint is not open to anyone."""
    identity: Identity | None = g.get("identity")
    if identity is None:
        abort(401)
    return identity
