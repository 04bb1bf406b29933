"""The whole header set of the public surface; one file, so that a test can pin it."""

from collections.abc import Sequence

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
