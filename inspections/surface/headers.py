"""The whole header set of every surface; one file, so that a test can pin it."""

from collections.abc import Mapping, Sequence

from flask import Response, request

_NO_FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "microphone",
    "midi",
    "payment",
    "usb",
)

_FEATURES = "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=()"
_POLICY = (
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self' blob: data:;media-src 'self' blob:;"
    "font-src 'self';connect-src 'self';manifest-src 'self';worker-src 'self';form-action 'self';"
    "base-uri 'none';frame-ancestors 'none'"
)

_INBOX_POLICY = (
    "default-src 'none';style-src 'self';img-src 'self' data:;form-action 'self';base-uri 'none';"
    "frame-ancestors 'none'"
)


def page_policy(style_hashes: Sequence[str]) -> str:
    """What a page may load, as far as the page itself can say it: its own styles, pictures of this site."""
    styles = " ".join(f"'{value}'" for value in style_hashes)
    return f"default-src 'none';style-src {styles};img-src 'self' data:;form-action 'self';base-uri 'none'"


def public_policy(style_hashes: Sequence[str]) -> str:
    """The Content-Security-Policy of every public response: no script, no frame, styles only by hash."""
    return f"{page_policy(style_hashes)};frame-ancestors 'none'"


def draw_page_policy(style_hashes: Sequence[str]) -> str:
    """What the page of a draw may load: the same, and the one script that recomputes its certificate."""
    return f"{page_policy(style_hashes)};script-src 'self';connect-src 'self'"


def draw_headers(style_hashes: Sequence[str], *, https: bool = False) -> dict[str, str]:
    """Every header of what stands below `/draws/`: the only public pages with a script."""
    policy = f"{draw_page_policy(style_hashes)};frame-ancestors 'none'"
    return public_headers(style_hashes, https=https) | {"Content-Security-Policy": policy}


def public_headers(style_hashes: Sequence[str], *, https: bool = False) -> dict[str, str]:
    """Every header of a public response. Caches ask again each time: a withdrawn name must not linger."""
    headers = {
        "Content-Security-Policy": public_policy(style_hashes),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _NO_FEATURES),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


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


def with_inbox_headers(response: Response) -> Response:
    """Put the headers of the Inbox's pages on an answer: as the staff's, without scripts and devices."""
    closed = {
        "Content-Security-Policy": _INBOX_POLICY,
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
    }
    return with_staff_headers(response, closed)


def with_staff_headers(response: Response, extra: Mapping[str, str] | None = None) -> Response:
    """Put the staff's headers on an answer; those it has stay."""
    for name, value in {**staff_headers(https=request.is_secure), **(extra or {})}.items():
        response.headers.setdefault(name, value)
    return response
