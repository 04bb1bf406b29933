"""What pages of the staff share: the house of this process, the session cookie, rendering."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from flask import Response, current_app, flash, make_response, render_template, send_file

from inspections.record.house import House

SESSION_COOKIE = "hhb_staff"


def this_house() -> House:
    """The house that this application works on."""
    return cast(House, current_app.extensions["house"])


def staff_page(template: str, status: int = 200, **context: object) -> Response:
    """A page of the staff, rendered from a template under `templates/desk/`."""
    return make_response(render_template(f"desk/{template}", **context), status)


def kept_file(path: Path, media_type: str) -> Response:
    """A file of the house for whoever was let in to it; nothing of it may stay in a cache."""
    response = send_file(path.resolve(), mimetype=media_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def refused(refusal: Exception, page: Callable[[], Response]) -> Response:
    """The page that a form stands on, with why it was refused; the form's macros keep what was typed."""
    flash(str(refusal), "fault")
    response = page()
    response.status_code = 422
    return response
