"""Pages of the Inbox: nominate a unit, and later what operators send. They open the Inbox's database only."""

from collections.abc import Mapping

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from sqlalchemy import Engine
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.inbox.store import open_inbox
from inspections.inbox.tables import SiteCopy
from inspections.inbox.voting import (
    AlreadyVotedError,
    TooManyVotesError,
    VotingError,
    new_cookie,
    nomination_page,
    open_campaigns,
    vote,
)
from inspections.record.clock import utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.surface.client import client_address
from inspections.surface.headers import with_inbox_headers

inbox = Blueprint("inbox", __name__, url_prefix="/in")

_COOKIE = "hhb_vote"
_STATUSES: Mapping[type[VotingError], int] = {
    AlreadyVotedError: 409,
    TooManyVotesError: 429,
    VotingError: 422,
}


@inbox.get("/nominate")
def nominate() -> AnyResponse:
    """The campaign that takes nominations now, or a sentence that there is none."""
    now = utc_now()
    with read_only(_engine()) as session:
        campaigns = open_campaigns(session, now)
        if len(campaigns) == 1:
            return redirect(url_for("inbox.campaign", key=campaigns[0].key), code=303)
        return _page(session, "campaigns.html", campaigns=campaigns)


@inbox.get("/nominate/<key>")
def campaign(key: str) -> Response:
    """One campaign: search the pool, see the counts, vote."""
    return _campaign_page(key, 200, told=None)


@inbox.post("/nominate/<key>")
def voted(key: str) -> AnyResponse:
    """Take a vote."""
    cookie = request.cookies.get(_COOKIE) or new_cookie()
    address = client_address(request, _configuration().trusted_proxies)
    try:
        with transaction(_engine()) as session:
            vote(
                session,
                key,
                request.form.get("code", ""),
                cookie=cookie,
                address=address,
                now=utc_now(),
            )
    except VotingError as refusal:
        return _campaign_page(key, _STATUSES[type(refusal)], told=str(refusal))
    response = redirect(url_for("inbox.campaign", key=key), code=303)
    response.set_cookie(
        _COOKIE,
        cookie,
        max_age=60 * 60 * 24 * 62,
        path="/in/nominate",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _campaign_page(key: str, status: int, *, told: str | None) -> Response:
    with read_only(_engine()) as session:
        page = nomination_page(
            session,
            key,
            query=request.args.get("q", ""),
            cookie=request.cookies.get(_COOKIE),
            now=utc_now(),
        )
        if page is None:
            abort(404)
        query = request.args.get("q", "")
        return _page(session, "campaign.html", status, page=page, told=told, query=query)


def _page(session: Session, template: str, status: int = 200, **context: object) -> Response:
    site = session.get(SiteCopy, 1)
    if site is None:
        response = make_response("这里还没有开放，请稍后再来。\n", 503)
        response.mimetype = "text/plain"
        return with_inbox_headers(response)
    return with_inbox_headers(
        make_response(render_template(f"inbox/{template}", site=site, **context), status)
    )


def _configuration() -> Configuration:
    configuration: Configuration = current_app.extensions["configuration"]
    return configuration


def _engine() -> Engine:
    return open_inbox(_configuration().effective_inbox_url)
