"""What pages of the staff share: the house of this process, the session cookie, rendering."""

from typing import cast

from flask import Response, current_app, make_response, render_template

from inspections.record.house import House

SESSION_COOKIE = "hhb_staff"


def this_house() -> House:
    """The house that this application works on."""
    return cast(House, current_app.extensions["house"])


def staff_page(template: str, status: int = 200, **context: object) -> Response:
    """A page of the staff, rendered from a template under `templates/desk/`."""
    return make_response(render_template(f"desk/{template}", **context), status)
