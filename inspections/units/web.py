"""The desk's pages of the register: find a unit, its history, imports and their reports, what to confirm."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, flash, redirect, request, send_file, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.access import ACCESS_POLICY
from inspections.people.tables import Role
from inspections.record.clock import civil_day, today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.settings import settings_on
from inspections.surface.desk import Duty, Waiting, declare_duty
from inspections.surface.forms import FormError, asked, asked_page, optional_text_of, text_of
from inspections.surface.guard import signed_in
from inspections.surface.qr import qr_svg
from inspections.surface.staff import refused, staff_page, this_house
from inspections.surface.uploads import uploaded
from inspections.units.links import acts_of, renew_link, revoke_link
from inspections.units.listing import PAGE, import_runs, unit_history, unit_lines
from inspections.units.messages.handing import write_link_renewed
from inspections.units.messages.queries import message_lines
from inspections.units.messages.service import contact_of, record_contact
from inspections.units.search_keys import fill_search_keys
from inspections.units.service import (
    KIND_WORDS,
    confirm_proposal,
    import_units,
    open_proposals,
    reject_proposal,
)

unit_pages = Blueprint("units", __name__, url_prefix="/desk/units")

ACT_WORDS = {
    "handed_over": "交付",
    "renewed": "换发",
    "opened": "打开",
    "answered": "报告改正",
    "refused": "没有收",
    "revoked": "作废",
}
_SEE_LINKS = frozenset({Role.EDITOR.value, Role.REVIEWER.value, Role.AUDITOR.value})


@unit_pages.get("/")
def units() -> Response:
    """The register, page by page; what was asked for stands in the address."""
    query, page = asked("q"), asked_page()
    with read_only(this_house().engine) as session:
        rows, total = unit_lines(session, query, page)
        proposals = len(open_proposals(session))
    last = max(1, -(-total // PAGE))
    return staff_page(
        "units.html",
        rows=rows,
        total=total,
        query=query,
        page=page,
        last=last,
        proposals=proposals,
        may_import=ACCESS_POLICY["units.imports"].admits(signed_in(), "GET"),
        may_see_register_tasks=ACCESS_POLICY["review.register_tasks"].admits(signed_in(), "GET"),
    )


@unit_pages.get("/<int:unit_id>")
def unit(unit_id: int) -> Response:
    """One unit: what the register said of it, its links with what was done through them, its letters."""
    with read_only(this_house().engine) as session:
        found = unit_history(session, unit_id)
        if found is None:
            abort(404)
        acts = acts_of(session, [link.id or 0 for link in found.links])
        contact = contact_of(session, unit_id)
        letters = message_lines(session, unit_id=unit_id)
    roles = signed_in().roles
    return staff_page(
        "unit.html",
        u=found,
        acts=acts,
        act_words=ACT_WORDS,
        contact=contact,
        letters=letters,
        on=today(),
        may_change=Role.EDITOR.value in roles,
        may_see_links=bool(roles & _SEE_LINKS),
        may_see_visits=ACCESS_POLICY["review.unit_visits"].admits(signed_in(), "GET"),
    )


@unit_pages.post("/<int:unit_id>/links")
def link_renewed(unit_id: int) -> AnyResponse:
    """Give a unit a new link; its slip is shown once, on this answer only, to be printed."""
    on, now, actor = today(), utc_now(), signed_in().name
    try:
        with transaction(this_house().engine) as session:
            settings = settings_on(session, on)
            days = settings.number("unit_link_days")
            link_id, token = renew_link(session, unit_id, lasts_days=days, actor=actor, on=on, now=now)
            expires_on = on + timedelta(days=days)
            message_id = write_link_renewed(
                session, link_id, unit_id, expires_on=expires_on, actor=actor, now=now
            )
            address = f"{settings.text('public_address')}/in/u/{token}"
            found = unit_history(session, unit_id)
            authority = settings.optional_text("authority") or ""
    except HouseError as refusal:
        return refused(refusal, lambda: unit(unit_id))
    return staff_page(
        "link_slip.html",
        u=found,
        address=address,
        picture=qr_svg(address),
        expires_on=expires_on,
        message_id=message_id,
        authority=authority,
    )


@unit_pages.post("/<int:unit_id>/contact")
def contact_put(unit_id: int) -> AnyResponse:
    """Record the mobile number that an operator gave for text messages, or that it wants none."""
    try:
        mobile = optional_text_of("mobile", "手机号码", longest=20)
        with transaction(this_house().engine) as session:
            record_contact(session, unit_id, mobile=mobile, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: unit(unit_id))
    flash("已记录；只用于短信提醒，不公开。" if mobile else "已记录：不再发短信。", "done")
    return redirect(url_for("units.unit", unit_id=unit_id), code=303)


@unit_pages.post("/<int:unit_id>/links/<int:link_id>/revoke")
def link_revoked(unit_id: int, link_id: int) -> AnyResponse:
    """Make a unit's link worthless, such as when its slip was lost."""
    try:
        with transaction(this_house().engine) as session:
            reason = text_of("reason", "作废的原因", longest=200)
            revoke_link(
                session, link_id, unit_id=unit_id, reason=reason, actor=signed_in().name, now=utc_now()
            )
    except HouseError as refusal:
        return refused(refusal, lambda: unit(unit_id))
    flash("已作废；几分钟内单位页不再显示。", "done")
    return redirect(url_for("units.unit", unit_id=unit_id), code=303)


@unit_pages.get("/imports")
def imports() -> Response:
    """The imports so far with their counts and reports."""
    with read_only(this_house().engine) as session:
        rows = import_runs(session)
    return staff_page("imports.html", rows=rows)


@unit_pages.post("/imports")
def imported() -> AnyResponse:
    """Import a register file: good rows load, the rest is in the report."""
    now = utc_now()
    try:
        with uploaded("file", "名册文件") as path, transaction(this_house().engine) as session:
            done = import_units(
                session,
                path,
                on=civil_day(now),
                now=now,
                actor=signed_in().name,
                reports=this_house().configuration.reports_directory,
            )
            fill_search_keys(session)
    except HouseError as refusal:
        return refused(refusal, imports)
    flash(
        f"读了 {done.read} 行：新单位 {done.new}，有变化 {done.changed}，没有变化 {done.unchanged}，"
        f"待确认 {done.proposals}，有问题未导入 {done.bad}；名册里有而文件里没有 {done.absent}。",
        "fault" if done.bad else "done",
    )
    return redirect(url_for("units.imports"), code=303)


@unit_pages.get("/imports/reports/<name>")
def report(name: str) -> Response:
    """The report of an import: each bad row with its cure."""
    folder = this_house().configuration.reports_directory
    path = folder / name
    if path.parent != folder or path.suffix != ".xlsx" or not path.is_file():
        abort(404)
    return send_file(path.resolve(), as_attachment=True, download_name=name)


@unit_pages.get("/proposals")
def proposals() -> Response:
    """Changes of operator and moves that a person must confirm."""
    with read_only(this_house().engine) as session:
        rows = open_proposals(session)
    return staff_page("proposals.html", rows=rows, words=KIND_WORDS)


@unit_pages.post("/proposals/<int:proposal_id>")
def proposal_decided(proposal_id: int) -> AnyResponse:
    """Confirm a change, or leave the register as it is."""
    now, actor = utc_now(), signed_in().name
    act = request.form.get("act", "")
    is_confirmed = act == "confirm"
    try:
        if act not in {"confirm", "reject"}:
            raise FormError("看不出是确认还是驳回；请刷新后再选。名册没有改动。")
        with transaction(this_house().engine) as session:
            if is_confirmed:
                confirm_proposal(session, proposal_id, actor=actor, now=now)
                fill_search_keys(session)
            else:
                reject_proposal(session, proposal_id, actor=actor, now=now)
    except HouseError as refusal:
        return refused(refusal, proposals)
    flash("已确认；网站在十分钟内更新。" if is_confirmed else "已驳回；名册没有改动。", "done")
    return redirect(url_for("units.proposals"), code=303)


def _proposals_wait(session: Session, _name: str, _now: datetime) -> Waiting:
    return Waiting(len(open_proposals(session)))


declare_duty(Duty("名册变动待确认", "units.proposals", frozenset({Role.EDITOR.value}), _proposals_wait))
