"""Pages of people: sign in, sign out, and the desk's first page."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.access import ACCESS_POLICY, NAVIGATION
from inspections.people.service import AccountError, sign
from inspections.people.sessions import DESK_LASTS, end_session, find_session, note_seen, start_session
from inspections.people.tables import SessionKind
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.marks import is_demonstration
from inspections.record.settings import settings_on
from inspections.surface.desk import duties_of
from inspections.surface.guard import Identity, signed_in
from inspections.surface.staff import SESSION_COOKIE, staff_page, this_house

people_pages = Blueprint("people", __name__, url_prefix="/desk")


def who_asks() -> Identity | None:
    """Who is signed in on this request, by the session cookie; notes that the session is in use."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    engine, now = this_house().engine, utc_now()
    with read_only(engine) as session:
        found = find_session(session, token, now)
    if found is None:
        return None
    if found.was_seen_long_ago(now):
        with transaction(engine) as session:
            note_seen(session, found.session_id, now)
    roles = frozenset(role.value for role in found.roles)
    return Identity(found.account_id, found.name, roles, found.session_id, found.tablet_id)


@people_pages.get("/sign-in")
def sign_in() -> Response:
    """The form that asks for name and password."""
    return staff_page("sign_in.html", to=_inside(request.args.get("to")), name="", fault=None)


@people_pages.post("/sign-in")
def sign_in_submitted() -> AnyResponse:
    """Check name and password, open a session, and go where the visitor wanted to."""
    name, to = request.form.get("name", ""), _inside(request.form.get("to"))
    now = utc_now()
    try:
        with transaction(this_house().engine) as session:
            account = sign(session, name=name, password=request.form.get("password", ""))
            token = start_session(
                session,
                account_id=account.id,
                kind=SessionKind.DESK,
                now=now,
                device=request.headers.get("User-Agent", ""),
            )
    except AccountError as refusal:
        return staff_page("sign_in.html", 403, to=to, name=name, fault=str(refusal))
    response = redirect(to, code=303)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(DESK_LASTS.total_seconds()),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@people_pages.post("/sign-out")
def sign_out() -> AnyResponse:
    """End this session and forget its cookie."""
    with transaction(this_house().engine) as session:
        end_session(session, signed_in().session_id, utc_now())
    response = redirect(url_for("people.sign_in"), code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response


@people_pages.get("/")
def home() -> Response:
    """What waits for whoever is signed in, late things first."""
    identity, now = signed_in(), utc_now()
    with read_only(this_house().engine) as session:
        rows = [(duty, duty.count(session, identity.name, now)) for duty in duties_of(identity.roles)]
    rows.sort(key=lambda row: (row[1].late == 0, row[1].count == 0))
    return staff_page("home.html", rows=rows)


def _inside(address: str | None) -> str:
    """An address of this site to go on to; anything else leads to the desk."""
    parts = urlsplit(address or "")
    is_inside = not parts.scheme and not parts.netloc and parts.path.startswith(("/desk", "/tablet"))
    return (address or "") if is_inside and "\\" not in (address or "") else url_for("people.home")


def desk_shell() -> dict[str, object]:
    """What every page of the desk shows around its content."""
    identity: Identity | None = g.get("identity")
    house = this_house()
    with read_only(house.engine) as session:
        title = settings_on(session, today()).optional_text("site_title")
        demonstration = is_demonstration(session)
    return {
        "identity": identity,
        "navigation": [] if identity is None else _navigation(identity),
        "site_title": title or "餐饮安全公示",
        "is_demonstration": demonstration,
    }


def _navigation(identity: Identity) -> list[dict[str, object]]:
    return [
        {
            "address": url_for(endpoint),
            "label": label,
            "is_current": request.endpoint is not None
            and request.endpoint.split(".")[0] == endpoint.split(".")[0],
        }
        for endpoint, label in NAVIGATION
        if ACCESS_POLICY[endpoint].admits(identity, "GET")
    ]
