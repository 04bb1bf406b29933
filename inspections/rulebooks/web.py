"""The desk's pages of rules: which hold today, what is not decided yet, and entering a decided value."""

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from grading.errors import GradingError
from grading.missing import missing
from grading.wording import UNITS
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.evidence import keep_document
from inspections.rulebooks.queries import (
    RulesError,
    newest_rulebook,
    schemes_in_force,
    schemes_known,
)
from inspections.rulebooks.service import enter_cell
from inspections.rulebooks.showing import matrix_of, shown
from inspections.surface.forms import day_of, text_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.surface.uploads import uploaded
from inspections.units.words import unit_type_words

rule_pages = Blueprint("rulebooks", __name__, url_prefix="/desk/rules")

PURPOSES = {"result": "检查结果", "grade": "风险等级", "listing": "红黑榜建议", "coverage": "全面检查期限"}


@rule_pages.get("/")
def rules() -> Response:
    """The rules in force today, and every rulebook with how much of it is not decided."""
    on = today()
    with read_only(this_house().engine) as session:
        in_force = schemes_in_force(session, on)
        books = [newest_rulebook(session, scheme) for scheme in schemes_known(session)]
    rows = [(book, len(missing(book.rulebook, on))) for book in books]
    return staff_page(
        "rules.html", in_force=in_force, rows=rows, purposes=PURPOSES, unit_type_words=unit_type_words
    )


@rule_pages.get("/<scheme>")
def rulebook(scheme: str) -> Response:
    """What a rulebook lacks today, and the form that enters a value."""
    try:
        with read_only(this_house().engine) as session:
            stored = newest_rulebook(session, scheme)
    except RulesError:
        abort(404)
    cells = missing(stored.rulebook, today())
    may_enter = Role.APPROVER.value in signed_in().roles
    return staff_page(
        "rulebook.html",
        stored=stored,
        cells=cells,
        units=UNITS,
        book=shown(stored.rulebook, today()),
        matrix_of=matrix_of,
        may_enter=may_enter,
        on=today(),
        chosen=request.args.get("cell", ""),
    )


@rule_pages.post("/<scheme>")
def value_entered(scheme: str) -> AnyResponse:
    """Enter a value that the bureau decided, with the document that decides it."""
    try:
        cell, value = text_of("cell", "名称", longest=200), text_of("value", "值")
        from_on = day_of("from_on", "自哪一天起")
        with uploaded("document", "作出决定的文件") as path, transaction(this_house().engine) as session:
            kept = keep_document(this_house().configuration.evidence_directory, path)
            enter_cell(
                session,
                scheme=scheme,
                cell=cell,
                value=value,
                from_day=from_on,
                document=kept,
                actor=signed_in().name,
                now=utc_now(),
            )
    except (HouseError, GradingError) as refusal:
        return refused(refusal, lambda: rulebook(scheme))
    flash(f"已录入 {cell}，自 {from_on} 起；文件已存档。今晚重新评定。", "done")
    return redirect(url_for("rulebooks.rulebook", scheme=scheme), code=303)
