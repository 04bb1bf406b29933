"""The desk's pages of the register: find a unit, its history, imports and their reports, what to confirm."""

from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, request, send_file, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.tables import Role
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.surface.desk import Duty, Waiting, declare_duty
from inspections.surface.forms import text_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import staff_page, this_house
from inspections.surface.uploads import uploaded
from inspections.units.links import revoke_link
from inspections.units.listing import PAGE, import_runs, unit_history, unit_lines
from inspections.units.search_keys import fill_search_keys
from inspections.units.service import (
    KIND_WORDS,
    confirm_proposal,
    import_units,
    open_proposals,
    reject_proposal,
)

unit_pages = Blueprint("units", __name__, url_prefix="/desk/units")


@unit_pages.get("/")
def units() -> Response:
    """The register, page by page; what was asked for stands in the address."""
    query = request.args.get("q", "").strip()[:100]
    number = request.args.get("page", "1")
    page = max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1
    with read_only(this_house().engine) as session:
        rows, total = unit_lines(session, query, page)
        proposals = len(open_proposals(session))
    last = max(1, -(-total // PAGE))
    return staff_page(
        "units.html", rows=rows, total=total, query=query, page=page, last=last, proposals=proposals
    )


@unit_pages.get("/<int:unit_id>")
def unit(unit_id: int) -> Response:
    """One unit: what the register said of it, from which day."""
    with read_only(this_house().engine) as session:
        found = unit_history(session, unit_id)
    if found is None:
        abort(404)
    return staff_page("unit.html", u=found, may_change=Role.EDITOR.value in signed_in().roles)


@unit_pages.post("/<int:unit_id>/links/<int:link_id>/revoke")
def link_revoked(unit_id: int, link_id: int) -> AnyResponse:
    """Make a unit's link worthless, such as when its slip was lost."""
    try:
        with transaction(this_house().engine) as session:
            reason = text_of("reason", "作废的原因", longest=200)
            revoke_link(session, link_id, reason=reason, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        flash(str(refusal), "fault")
    else:
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
        flash(str(refusal), "fault")
        return redirect(url_for("units.imports"), code=303)
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
    is_confirmed = request.form.get("act") == "confirm"
    try:
        with transaction(this_house().engine) as session:
            if is_confirmed:
                confirm_proposal(session, proposal_id, actor=actor, now=now)
                fill_search_keys(session)
            else:
                reject_proposal(session, proposal_id, actor=actor, now=now)
    except HouseError as refusal:
        flash(str(refusal), "fault")
    else:
        flash("已确认；网站在十分钟内更新。" if is_confirmed else "已驳回；名册没有改动。", "done")
    return redirect(url_for("units.proposals"), code=303)


def _proposals_wait(session: Session, _name: str, _now: datetime) -> Waiting:
    return Waiting(len(open_proposals(session)))


declare_duty(Duty("名册变动待确认", "units.proposals", frozenset({Role.EDITOR.value}), _proposals_wait))
