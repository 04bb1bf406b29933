"""The health page of the desk, and one word for a program that watches."""

from flask import Blueprint, Response

from inspections.record.clock import utc_now
from inspections.surface.headers import with_staff_headers
from inspections.surface.staff import staff_page, this_house
from publishing.health import STATE_WORDS, is_well, look_at_health, worst_first

health_pages = Blueprint("health", __name__)


@health_pages.get("/desk/health")
def page() -> Response:
    """Everything that runs by itself: what is late, full or about to end, and what to do."""
    looks = worst_first(look_at_health(this_house(), utc_now()))
    return staff_page("health.html", looks=looks, words=STATE_WORDS, is_well=is_well(looks))


@health_pages.get("/health")
def signal() -> Response:
    """200 while all is well, otherwise 503; what is wrong is for the staff alone."""
    well = is_well(look_at_health(this_house(), utc_now()))
    response = Response("ok\n" if well else "not well\n", 200 if well else 503, mimetype="text/plain")
    return with_staff_headers(response)
