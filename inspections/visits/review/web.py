"""The desk's pages of review: the visits that wait, one visit as a whole, and what its orders still owe."""

from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from grading.vocabulary import VisitKind
from inspections.people.access import ACCESS_POLICY
from inspections.people.sight import account_named, own_visits_only
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.evidence import place_of
from inspections.surface.desk import Duty, Waiting, declare_duty
from inspections.surface.forms import FormError, number_of, optional_text_of, text_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import kept_file, refused, staff_page, this_house
from inspections.units.tables import CateringUnit
from inspections.visits.grade_queries import grades_of
from inspections.visits.queries import shown_visits
from inspections.visits.review.change_words import field_in_words, value_in_words
from inspections.visits.review.orders import evidence_of, late_orders, order_lines, photo_of_visit
from inspections.visits.review.queries import (
    late_results,
    lines_waiting_for,
    lines_with_register_findings,
    review_sheet,
    visit_lines,
)
from inspections.visits.review.reach import visits_with
from inspections.visits.review.register import (
    decide_register_finding,
    register_work,
    settle_register_finding,
    settlements_of,
)
from inspections.visits.review.service import OUTCOMES, follow_order
from inspections.visits.sync.documents import document_pdf
from inspections.visits.sync.reviewing import Reviewing, confirm_and_grade, return_field_visit
from inspections.visits.sync.tables import FieldVisit, FieldVisitState

review_pages = Blueprint("review", __name__, url_prefix="/desk")

FOLLOW_WORDS = {
    "rechecked_passed": "复查通过",
    "rechecked_failed": "复查未通过",
    "returned": "说明不能认定，退回单位",
    "escalated": "立案",
}
PAPERS = (("notice", "告知页"), ("record", "结果记录表"), ("checklist", "要点表"))
_MOST_VISITS, _MOST_CONFIRMED = 100, 50
_ACCEPTED = "已采纳；要凭证照办的，已列入登记待办。"
_PNG = b"\x89PNG"


@review_pages.get("/review")
def waiting() -> Response:
    """The visits that wait for a reviewer, and those still out."""
    me, on = signed_in().account_id, today()
    with read_only(this_house().engine) as session:
        signed = visit_lines(session, me, [FieldVisitState.SIGNED], on)
        out = visit_lines(session, me, [FieldVisitState.OPEN, FieldVisitState.RETURNED], on)
        register = lines_with_register_findings(session, me, on)
        done = visit_lines(session, me, [FieldVisitState.CONFIRMED], on, newest=_MOST_CONFIRMED)
    return staff_page(
        "review.html",
        signed=signed,
        register=register,
        out=out,
        done=done,
        on=on,
        states=FieldVisitState,
    )


@review_pages.get("/review/<int:field_visit_id>")
def visit(field_visit_id: int) -> Response:
    """One signed visit with its evidence and derivation; a running one is shown to nobody."""
    with read_only(this_house().engine) as session:
        sheet = review_sheet(session, field_visit_id, signed_in().account_id, today())
    if sheet is None:
        abort(404)
    may_review = Role.REVIEWER.value in signed_in().roles and not sheet.line.took_part
    return staff_page(
        "review_visit.html",
        s=sheet,
        may_review=may_review,
        states=FieldVisitState,
        settlements_of=settlements_of,
        field_in_words=field_in_words,
        value_in_words=value_in_words,
        on=today(),
        papers=PAPERS,
    )


@review_pages.post("/review/<int:field_visit_id>")
def decided(field_visit_id: int) -> AnyResponse:
    """Confirm a visit or send it back, bound to what was seen."""
    act = request.form.get("act", "")
    try:
        reviewing = Reviewing(field_visit_id, signed_in().account_id, text_of("seen", "校验值", longest=64))
        if act == "confirm":
            reason = optional_text_of("missing_evidence", "缺少证据的原因") or ""
            done = confirm_and_grade(this_house().engine, reviewing, now=utc_now(), missing_evidence=reason)
            told = "已确认。" + (
                "记录已公开，单位已重新评定。" if done.released else "本期抽查揭示之前不公开。"
            )
        elif act == "return":
            with transaction(this_house().engine) as session:
                reason = text_of("reason", "退回的原因", longest=500)
                return_field_visit(session, reviewing, reason=reason, now=utc_now())
            told = "已退回；检查人员的平板下次同步时会看到原因。"
        else:
            raise FormError("看不出是确认还是退回；请从复核清单重新进入。")
    except HouseError as refusal:
        return refused(refusal, lambda: visit(field_visit_id))
    flash(told, "done")
    return redirect(url_for("review.waiting"), code=303)


@review_pages.post("/review/<int:field_visit_id>/register")
def register_decided(field_visit_id: int) -> AnyResponse:
    """Accept or reject what the visit found about the register, bound to what was seen."""
    try:
        finding_id = number_of("finding", "登记问题", least=1)
        act = request.form.get("act", "")
        if act not in {"accept", "reject"}:
            raise FormError("看不出是采纳还是不采纳；请重新选择。登记没有改动。")
        accept = act == "accept"
        reviewing = Reviewing(field_visit_id, signed_in().account_id, text_of("seen", "校验值", longest=64))
        with transaction(this_house().engine) as session:
            decide_register_finding(session, finding_id, accept=accept, reviewing=reviewing, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: visit(field_visit_id))
    flash(_ACCEPTED if accept else "已不采纳；登记没有改动。", "done")
    return redirect(url_for("review.visit", field_visit_id=field_visit_id), code=303)


@review_pages.get("/register")
def register_tasks() -> Response:
    """What accepted findings leave to do in the register, and what was done last."""
    with read_only(this_house().engine) as session:
        waiting_, done = register_work(session, settled=_MOST_CONFIRMED)
    return staff_page(
        "register_tasks.html",
        waiting=waiting_,
        done=done,
        settlements_of=settlements_of,
        may_settle=Role.EDITOR.value in signed_in().roles,
        may_see_visit=ACCESS_POLICY["review.visit"].admits(signed_in(), "GET"),
        may_import=ACCESS_POLICY["units.imports"].admits(signed_in(), "GET"),
    )


@review_pages.post("/register/<int:finding_id>")
def register_settled(finding_id: int) -> AnyResponse:
    """An editor carried out an accepted finding, or says why the register stays as it is."""
    try:
        note = optional_text_of("note", "说明", longest=500) or ""
        with transaction(this_house().engine) as session:
            settle_register_finding(
                session,
                finding_id,
                settlement=request.form.get("settlement", ""),
                note=note,
                actor=signed_in().name,
                now=utc_now(),
            )
    except HouseError as refusal:
        return refused(refusal, register_tasks)
    flash("已办结。", "done")
    return redirect(url_for("review.register_tasks"), code=303)


@review_pages.get("/review/<int:field_visit_id>/photos/<sha256>")
def photo(field_visit_id: int, sha256: str) -> Response:
    """A picture of the visit, re-encoded; a recording as it came."""
    with read_only(this_house().engine) as session:
        found = photo_of_visit(session, field_visit_id, sha256)
    if found is None:
        abort(404)
    kept, media_type = found
    path = place_of(this_house().configuration.evidence_directory, kept)
    if not path.is_file():
        abort(404)
    return kept_file(path, media_type)


@review_pages.get("/review/<int:field_visit_id>/papers/<name>.pdf")
def paper(field_visit_id: int, name: str) -> Response:
    """A paper of a signed visit as PDF, as its inspectors and the unit have it."""
    with read_only(this_house().engine) as session:
        found = session.get(FieldVisit, field_visit_id)
        client_id = None if found is None or found.signed_at is None else found.client_id
    made = None if client_id is None else document_pdf(this_house(), client_id, name, account_id=None)
    if made is None:
        abort(404)
    response = Response(made.content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{made.file_name}"
    return response


@review_pages.get("/units/<int:unit_id>/visits")
def unit_visits(unit_id: int) -> Response:
    """A unit's released visits and its grade, each with what it follows from."""
    on = today()
    with read_only(this_house().engine) as session:
        if session.get(CateringUnit, unit_id) is None:
            abort(404)
        shown = shown_visits(session, [unit_id], since=None, on=on, limit=_MOST_VISITS).get(unit_id)
        grade = grades_of(session, [unit_id], on, with_steps=True).get(unit_id)
    visits = shown.visits if shown else ()
    kinds = {kind.value: kind.zh for kind in VisitKind}
    return staff_page("unit_visits.html", unit_id=unit_id, visits=visits, grade=grade, kinds=kinds)


@review_pages.get("/orders")
def orders() -> Response:
    """Every order that is not settled, late ones first, with how late; the settled ones by the address.

    Who only inspects sees those of visits of their own, and of those that they are to re-check.
    """
    settled = request.args.get("show") == "settled"
    with read_only(this_house().engine) as session:
        within = own_visits_only(session, signed_in().name)
        rows = order_lines(session, today(), settled=settled, within=within)
        own = set(session.exec(visits_with(signed_in().account_id)))
    reviews = Role.REVIEWER.value in signed_in().roles
    may_follow = bool(signed_in().roles & {Role.REVIEWER.value, Role.INSPECTOR.value})
    return staff_page(
        "orders.html",
        rows=rows,
        settled=settled,
        may_follow=may_follow,
        may_assign=ACCESS_POLICY["plan.visit"].admits(signed_in(), "POST"),
        may_see_visit=ACCESS_POLICY["review.visit"].admits(signed_in(), "GET"),
        may_settle={row.order_id for row in rows if reviews and row.field_visit_id not in own},
        kinds=FOLLOW_WORDS,
        outcomes=OUTCOMES,
    )


@review_pages.get("/orders/<int:order_id>/evidence/<sha256>")
def evidence(order_id: int, sha256: str) -> Response:
    """A picture that an operator sent with its answer; it was drawn anew when it came in."""
    with read_only(this_house().engine) as session:
        within = own_visits_only(session, signed_in().name)
        found = evidence_of(session, order_id, sha256, today(), within=within)
    path = place_of(this_house().configuration.evidence_directory, sha256)
    if not found or not path.is_file():
        abort(404)
    with path.open("rb") as file:
        is_png = file.read(len(_PNG)) == _PNG
    return kept_file(path, "image/png" if is_png else "image/jpeg")


@review_pages.post("/orders/<int:order_id>")
def order_followed(order_id: int) -> AnyResponse:
    """Record a re-check, that an answer does not do, or that an order goes on to a case."""
    try:
        with transaction(this_house().engine) as session:
            follow_order(
                session,
                order_id,
                kind=request.form.get("kind", ""),
                note=optional_text_of("note", "说明", longest=500) or "",
                actor=signed_in().name,
                now=utc_now(),
            )
    except HouseError as refusal:
        return refused(refusal, orders)
    flash("已记录。", "done")
    return redirect(url_for("review.orders"), code=303)


def _reviews_wait(session: Session, name: str, _now: datetime) -> Waiting:
    lines = lines_waiting_for(session, name, today())
    return Waiting(len(lines), late=late_results(lines, today()))


def _register_waits(session: Session, name: str, _now: datetime) -> Waiting:
    return Waiting(len(lines_with_register_findings(session, account_named(session, name), today())))


def _register_work_waits(session: Session, _name: str, _now: datetime) -> Waiting:
    return Waiting(len(register_work(session)[0]))


def _orders_wait(session: Session, name: str, _now: datetime) -> Waiting:
    rows = order_lines(session, today(), within=own_visits_only(session, name))
    return Waiting(len(rows), late=late_orders(rows))


def _rechecks_wait(session: Session, _name: str, _now: datetime) -> Waiting:
    return Waiting(sum(row.wants_recheck for row in order_lines(session, today())))


declare_duty(
    Duty("责令改正待安排复查", "review.orders", frozenset({Role.CAMPAIGN_MANAGER.value}), _rechecks_wait)
)
declare_duty(Duty("检查记录待复核", "review.waiting", frozenset({Role.REVIEWER.value}), _reviews_wait))
declare_duty(
    Duty("检查发现的登记问题待处理", "review.waiting", frozenset({Role.REVIEWER.value}), _register_waits)
)
declare_duty(Duty("登记待办", "review.register_tasks", frozenset({Role.EDITOR.value}), _register_work_waits))
declare_duty(
    Duty(
        "责令改正未办结",
        "review.orders",
        frozenset({Role.REVIEWER.value, Role.INSPECTOR.value}),
        _orders_wait,
    )
)
