"""The desk's outbox: letters that wait for their delivery first, one letter, its print, its record."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.sight import own_visits_only
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.settings import settings_on
from inspections.surface.desk import Duty, Waiting, declare_duty
from inspections.surface.forms import FormError, day_of, optional_text_of, text_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.units.messages.queries import (
    RECEIPT_WORDS,
    WAY_WORDS,
    MessageSheet,
    count_to_deliver,
    message_lines,
    message_sheet,
    texts_given_up,
)
from inspections.units.messages.sending import MOST_ATTEMPTS, try_again
from inspections.units.messages.service import NewDelivery, mark_printed, record_delivery, withdraw_message
from inspections.units.messages.tables import DeliveryWay, Receipt, TextState

message_pages = Blueprint("messages", __name__, url_prefix="/desk/messages")

WordT = TypeVar("WordT", bound=StrEnum)
_SHOWN = {"open": "待送达", "done": "已送达或撤回", "all": "全部"}


@message_pages.get("/")
def outbox() -> Response:
    """The letters, those still to deliver first; which are shown stands in the address.

    Who only inspects sees those about visits of their own.
    """
    shown = request.args.get("show", "open")
    shown = shown if shown in _SHOWN else "open"
    with read_only(this_house().engine) as session:
        lines = message_lines(session, within=own_visits_only(session, signed_in().name))
        gateway = settings_on(session, today()).optional_text("sms_gateway")
    rows = [line for line in lines if shown == "all" or line.is_open == (shown == "open")]
    return staff_page(
        "messages.html",
        rows=rows,
        shown=shown,
        choices=_SHOWN,
        gateway=urlsplit(gateway).hostname if gateway else None,
        given_up=TextState.GIVEN_UP,
    )


@message_pages.get("/<int:message_id>")
def message(message_id: int) -> Response:
    """One letter: its text, how it was delivered, how its text message fared."""
    roles = signed_in().roles
    return staff_page(
        "message.html",
        m=_sheet(message_id),
        ways=tuple((way.value, word) for way, word in WAY_WORDS.items()),
        receipts=tuple((receipt.value, word) for receipt, word in RECEIPT_WORDS.items()),
        way_words=WAY_WORDS,
        receipt_words=RECEIPT_WORDS,
        may_deliver=bool(roles & {Role.EDITOR.value, Role.REVIEWER.value, Role.INSPECTOR.value}),
        may_withdraw=bool(roles & {Role.EDITOR.value, Role.REVIEWER.value}),
        states=TextState,
        most_attempts=MOST_ATTEMPTS,
        me=signed_in().name,
        on=today(),
    )


@message_pages.get("/<int:message_id>/letter")
def letter(message_id: int) -> Response:
    """The letter and its delivery receipt as they are printed, on A4."""
    sheet = _sheet(message_id)
    with read_only(this_house().engine) as session:
        settings = settings_on(session, today())
        authority, contact = settings.optional_text("authority"), settings.optional_text("contact")
    return staff_page("letter.html", m=sheet, authority=authority or "", contact=contact or "")


@message_pages.post("/<int:message_id>/print")
def printed(message_id: int) -> AnyResponse:
    """Note that the letter is printed, and show it as it is printed."""
    _sheet(message_id)
    try:
        with transaction(this_house().engine) as session:
            mark_printed(session, message_id, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: message(message_id))
    return redirect(url_for("messages.letter", message_id=message_id), code=303)


@message_pages.post("/<int:message_id>/delivery")
def delivered(message_id: int) -> AnyResponse:
    """Record day, way, who handed the letter over, and its receipt or refusal."""
    _sheet(message_id)
    try:
        new = NewDelivery(
            delivered_on=day_of("delivered_on", "送达日期"),
            way=_word("way", "送达方式", DeliveryWay),
            handed_over_by=text_of("handed_over_by", "送达人", longest=40),
            receipt=_word("receipt", "回执", Receipt),
            received_by=optional_text_of("received_by", "签收人", longest=40) or "",
            note=optional_text_of("note", "说明", longest=500) or "",
        )
        with transaction(this_house().engine) as session:
            record_delivery(session, message_id, new, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: message(message_id))
    flash("已记录送达。", "done")
    return redirect(url_for("messages.message", message_id=message_id), code=303)


@message_pages.post("/<int:message_id>/withdraw")
def withdrawn(message_id: int) -> AnyResponse:
    """Take a letter back that has not been delivered."""
    try:
        reason = text_of("reason", "撤回的原因", longest=300)
        with transaction(this_house().engine) as session:
            withdraw_message(session, message_id, reason=reason, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: message(message_id))
    flash("已撤回；信函和原因保留在记录里。", "done")
    return redirect(url_for("messages.outbox"), code=303)


@message_pages.post("/<int:message_id>/text")
def text_tried_again(message_id: int) -> AnyResponse:
    """Try a text message anew that did not go out."""
    try:
        with transaction(this_house().engine) as session:
            try_again(session, message_id, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: message(message_id))
    flash("已排队重发；几分钟内交给短信网关。", "done")
    return redirect(url_for("messages.message", message_id=message_id), code=303)


def _sheet(message_id: int) -> MessageSheet:
    """The letter, where there is one that this person sees."""
    with read_only(this_house().engine) as session:
        within = own_visits_only(session, signed_in().name)
        found = message_sheet(session, message_id, within=within)
    if found is None:
        abort(404)
    return found


def _word(field: str, label: str, vocabulary: type[WordT]) -> WordT:
    value = request.form.get(field, "")
    if value not in {member.value for member in vocabulary}:
        raise FormError(f"请选择{label}；没有记录。")
    return vocabulary(value)


def _letters_wait(session: Session, name: str, _now: datetime) -> Waiting:
    within = own_visits_only(session, name)
    failed = texts_given_up(session, within)
    return Waiting(count_to_deliver(session, within), note=f"{failed} 条短信没有发出" if failed else "")


_ROLES = frozenset({Role.EDITOR.value, Role.REVIEWER.value, Role.INSPECTOR.value})
declare_duty(Duty("通知信函待送达", "messages.outbox", _ROLES, _letters_wait))
