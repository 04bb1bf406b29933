"""Pages of people: sign in and out, the desk's first page, and everybody's own account."""

from datetime import date
from urllib.parse import urlsplit

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.access import ACCESS_POLICY, NAVIGATION
from inspections.people.service import AccountError
from inspections.people.sessions import DESK_LASTS, end_session, find_session, note_seen
from inspections.people.signing_in import Attempt, sign_in
from inspections.people.staffing import (
    account_named,
    change_password,
    members,
    open_sessions,
    revoke_session,
)
from inspections.people.tables import Account, Role
from inspections.people.throttle import TooManyAttemptsError
from inspections.people.totp import is_secret, new_secret, provisioning_address, turn_off, turn_on
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.marks import demonstration_password, is_demonstration
from inspections.record.settings import settings_on
from inspections.surface.client import client_address
from inspections.surface.desk import duties_of
from inspections.surface.forms import text_of
from inspections.surface.guard import Identity, signed_in
from inspections.surface.qr import qr_svg
from inspections.surface.staff import SESSION_COOKIE, refused, staff_page, this_house

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
def sign_in_form() -> Response:
    """The form that asks for name and password; in a demonstration it names the accounts."""
    return _sign_in_page(to=_inside(request.args.get("to")))


@people_pages.post("/sign-in")
def sign_in_submitted() -> AnyResponse:
    """Check name and password, open a session, and go where the visitor wanted to."""
    house, to = this_house(), _inside(request.form.get("to"))
    attempt = Attempt(
        name=request.form.get("name", ""),
        password=request.form.get("password", ""),
        code=request.form.get("code") or None,
        address=client_address(request, house.configuration.trusted_proxies),
        device=request.headers.get("User-Agent", ""),
    )
    try:
        signed = sign_in(house, attempt, utc_now())
    except TooManyAttemptsError as refusal:
        return _sign_in_page(429, to=to, name=attempt.name, fault=str(refusal))
    except AccountError as refusal:
        return _sign_in_page(403, to=to, name=attempt.name, fault=str(refusal))
    response = redirect(to, code=303)
    response.set_cookie(
        SESSION_COOKIE,
        signed.token,
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
    response = redirect(url_for("people.sign_in_form"), code=303)
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


@people_pages.get("/account")
def account() -> Response:
    """One's own account: password, one-time codes, open sessions."""
    identity, now = signed_in(), utc_now()
    with read_only(this_house().engine) as session:
        row = session.get_one(Account, identity.account_id)
        sessions = open_sessions(session, identity.account_id, now)
        title = settings_on(session, today()).optional_text("site_title") or "HHB"
    # A code that was refused is typed again from the same secret: the authenticator has it already.
    secret = None if row.totp_secret else _sent_secret() or new_secret()
    address = provisioning_address(secret, name=row.name, issuer=title) if secret else ""
    return staff_page(
        "account.html",
        row=row,
        sessions=sessions,
        secret=secret,
        address=address,
        picture=qr_svg(address) if address else "",
        own_session=identity.session_id,
    )


@people_pages.post("/account/password")
def password_changed() -> AnyResponse:
    """Change one's own password; one has to sign in again."""
    try:
        with transaction(this_house().engine) as session:
            old, new = request.form.get("old", ""), request.form.get("new", "")
            change_password(session, signed_in().name, old=old, new=new, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, account)
    flash("密码已改；所有登录都已结束，请用新密码登录。", "done")
    return redirect(url_for("people.sign_in_form"), code=303)


@people_pages.post("/account/code")
def code_changed() -> AnyResponse:
    """Turn one-time codes on (with a first code) or off."""
    house, now = this_house(), utc_now()
    try:
        with transaction(house.engine) as session:
            row = account_named(session, signed_in().name)
            if row.totp_secret is None:
                secret, code = text_of("secret", "密钥", longest=64), text_of("code", "动态码", longest=12)
                turn_on(
                    session, row, secret=secret, code=code, house_secret=house.configuration.secret, now=now
                )
                told = "已启用动态码：以后登录要输入验证器上的六位数字。"
            else:
                turn_off(session, row, actor=row.name, now=now)
                told = "已停用动态码。"
    except HouseError as refusal:
        return refused(refusal, account)
    flash(told, "done")
    return redirect(url_for("people.account"), code=303)


@people_pages.post("/account/sessions/<int:session_id>/end")
def session_ended(session_id: int) -> AnyResponse:
    """End one of one's own sessions, such as that of a lost device."""
    identity = signed_in()
    try:
        with transaction(this_house().engine) as session:
            revoke_session(session, identity.account_id, session_id, actor=identity.name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, account)
    flash("已结束这个登录。", "done")
    return redirect(url_for("people.account"), code=303)


@people_pages.get("/reporting")
def reporting() -> Response:
    """Where a reporting body will find its own target figures."""
    return staff_page("reporting.html")


def _sent_secret() -> str | None:
    """The secret that a refused form came with, where it is one that this page could have shown."""
    sent = request.form.get("secret", "")
    return sent if is_secret(sent) else None


def desk_shell() -> dict[str, object]:
    """What every page of the desk shows around its content; nothing for pages of other surfaces."""
    if not request.path.startswith(("/desk", "/tablet")):
        return {}
    identity: Identity | None = g.get("identity")
    with read_only(this_house().engine) as session:
        title = settings_on(session, today()).optional_text("site_title")
        demonstration = is_demonstration(session)
    return {
        "identity": identity,
        "navigation": [] if identity is None else _navigation(identity),
        "site_title": title or "餐饮安全公示",
        "is_demonstration": demonstration,
        "only_reads": identity is not None
        and identity.roles == {Role.AUDITOR}
        and request.endpoint != "people.account",
    }


def _sign_in_page(status: int = 200, *, to: str, name: str = "", fault: str | None = None) -> Response:
    with read_only(this_house().engine) as session:
        password = demonstration_password(session)
        accounts = _demonstration_accounts(session, today()) if password else []
    return staff_page(
        "sign_in.html", status, to=to, name=name, fault=fault, password=password, accounts=accounts
    )


def _demonstration_accounts(session: Session, on: date) -> list[tuple[str, str]]:
    return [(one.name, one.role_words) for one in members(session, on) if one.revoked_at is None]


def _navigation(identity: Identity) -> list[dict[str, object]]:
    return [
        {
            "address": url_for(endpoint),
            "label": label,
            "is_current": _is_current(endpoint),
        }
        for endpoint, label in NAVIGATION
        if ACCESS_POLICY[endpoint].admits(identity, "GET")
    ]


def _is_current(endpoint: str) -> bool:
    """Whether an entry of the navigation leads here, or to the page that this one hangs below."""
    below = url_for(endpoint).rstrip("/") + "/"
    is_home = endpoint == "people.home"
    return request.endpoint == endpoint or (not is_home and request.path.startswith(below))


def _inside(address: str | None) -> str:
    """An address of this site to go on to; anything else leads to the desk."""
    parts = urlsplit(address or "")
    is_inside = not parts.scheme and not parts.netloc and parts.path.startswith(("/desk", "/tablet"))
    return (address or "") if is_inside and "\\" not in (address or "") else url_for("people.home")
