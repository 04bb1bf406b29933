"""What pages of the staff share: the house of this process, the session cookie, headers, rendering."""

from collections.abc import Mapping
from typing import cast

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from inspections.record.house import House

SESSION_COOKIE = "hhb_staff"

_FEATURES = "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=()"
_POLICY = (
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self' blob: data:;media-src 'self' blob:;"
    "font-src 'self';connect-src 'self';manifest-src 'self';worker-src 'self';form-action 'self';"
    "base-uri 'none';frame-ancestors 'none'"
)


def staff_headers(*, https: bool) -> dict[str, str]:
    """The header set of every answer to the staff; nothing of it may stay in a shared cache."""
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": _FEATURES,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class FormSession(SecureCookieSessionInterface):
    """The signed cookie that forms are protected with; its key is read, or made, at the first request."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The serializer with the house's key: a command that serves nobody never makes that key."""
        if not app.secret_key:
            app.secret_key = cast(House, app.extensions["house"]).configuration.secret
        return super().get_signing_serializer(app)


def this_house() -> House:
    """The house that this application works on."""
    return cast(House, current_app.extensions["house"])


def staff_page(template: str, status: int = 200, **context: object) -> Response:
    """A page of the staff, rendered from a template under `templates/desk/`."""
    return make_response(render_template(f"desk/{template}", **context), status)


def with_staff_headers(response: Response, extra: Mapping[str, str] | None = None) -> Response:
    """Put the staff's headers on an answer; those it has stay."""
    for name, value in {**staff_headers(https=request.is_secure), **(extra or {})}.items():
        response.headers.setdefault(name, value)
    return response
