"""Pages of the Inbox: nominate a unit, and a unit's own page. They open the Inbox's database only."""

import re
import secrets
from collections.abc import Collection, Mapping

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

from inspections.inbox.answering import (
    LARGEST_PICTURE,
    MOST_PICTURES,
    Answer,
    LinkError,
    answers_waiting,
    look_at_view,
    open_view,
    send_answer,
)
from inspections.inbox.store import open_inbox
from inspections.inbox.tables import SiteCopy
from inspections.inbox.views import UnitView
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
from inspections.surface.pictures import PictureError, is_picture, redrawn

inbox = Blueprint("inbox", __name__, url_prefix="/in")

_COOKIE = "hhb_vote"
_ID = re.compile(r"[0-9a-f]{32}")
_STATUSES: Mapping[type[VotingError], int] = {
    AlreadyVotedError: 409,
    TooManyVotesError: 429,
    VotingError: 422,
}


@inbox.get("")
@inbox.get("/")
def front() -> AnyResponse:
    """The bare address of the Inbox leads to what anybody may do there."""
    return redirect(url_for("inbox.nominate"), code=303)


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
        path=url_for("inbox.campaign", key=key),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response


@inbox.get("/u/<token>")
def unit(token: str) -> Response:
    """One unit's own page; a link that is unknown, not yet bound, ended or revoked shows nothing."""
    try:
        with transaction(_engine()) as session:
            view = open_view(session, token, utc_now())
            waiting = answers_waiting(session, token) if view is not None else set()
    except LinkError as refusal:
        return _unit_page(None, token, 429, told=str(refusal))
    return _unit_page(view, token, 200 if view is not None else 404, waiting=waiting)


@inbox.post("/u/<token>")
def answered(token: str) -> AnyResponse:
    """Take a unit's answer to an order, with its pictures drawn anew."""
    try:
        answer = Answer(
            public_id=_public_id(request.form.get("id", "")),
            order_id=_order_id(request.form.get("order", "")),
            text=request.form.get("text", ""),
            pictures=_pictures(),
        )
        with transaction(_engine()) as session:
            send_answer(session, token, answer, utc_now())
    except (LinkError, PictureError) as refusal:
        with read_only(_engine()) as session:
            view = look_at_view(session, token, utc_now())
            waiting = answers_waiting(session, token) if view is not None else set()
        status = 422 if view is not None else 404
        return _unit_page(view, token, status, told=str(refusal) if view else None, waiting=waiting)
    return redirect(url_for("inbox.unit", token=token, sent="1"), code=303)


def _public_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise LinkError("这次提交不完整；请刷新页面后再发。没有发送。")
    return value


def _order_id(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise LinkError("看不出是对哪一条的说明；请刷新页面后再发。没有发送。")
    return int(value)


def _pictures() -> list[bytes]:
    files = [file for file in request.files.getlist("pictures") if file.filename]
    if len(files) > MOST_PICTURES:
        raise LinkError(f"一次最多 {MOST_PICTURES} 张照片；请分几次发。没有发送。")
    drawn = []
    for file in files:
        content = file.stream.read(LARGEST_PICTURE + 1)
        if len(content) > LARGEST_PICTURE:
            raise LinkError("有一张照片超过 8 MB；请缩小后再发。没有发送。")
        shown = redrawn(content, file.mimetype) if is_picture(file.mimetype) else None
        if shown is None:
            raise LinkError("只接受照片（JPEG、PNG、WebP）；请换成照片。没有发送。")
        drawn.append(shown)
    return drawn


def _unit_page(
    view: UnitView | None, token: str, status: int, *, told: str | None = None, waiting: Collection[int] = ()
) -> Response:
    with read_only(_engine()) as session:
        return _page(
            session,
            "unit.html",
            status,
            view=view,
            token=token,
            told=told,
            waiting=waiting,
            form_ids={order.order_id: secrets.token_hex(16) for order in view.orders} if view else {},
            was_sent=request.args.get("sent") == "1",
            most=MOST_PICTURES,
            typed_order=request.form.get("order", ""),
            typed_text=request.form.get("text", ""),
        )


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
