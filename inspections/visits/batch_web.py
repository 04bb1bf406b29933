"""The desk's pages of imported visits: bring a file in, look at its counts and a sample, release it."""

from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from grading.vocabulary import VisitKind
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.surface.desk import Duty, Waiting, declare_duty
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.surface.uploads import uploaded
from inspections.visits.batch_queries import batch_lines, batch_summary, batches_waiting
from inspections.visits.importing import import_visit_file
from inspections.visits.service import release_batch, review_batch
from inspections.visits.wording import result_name

batch_pages = Blueprint("batches", __name__, url_prefix="/desk/batches")


@batch_pages.get("/")
def batches() -> Response:
    """Every batch, those that wait for their release first."""
    with read_only(this_house().engine) as session:
        found = batch_lines(session)
    rows = sorted(found, key=lambda row: (not row.waits_for_somebody, row.released_at is not None, -row.id))
    return staff_page("batches.html", rows=rows[:200])


@batch_pages.post("/")
def imported() -> AnyResponse:
    """Import a file of visits; until its release only the staff see them."""
    try:
        with uploaded("file", "检查记录文件") as path:
            done = import_visit_file(
                this_house().engine,
                path,
                on=today(),
                now=utc_now(),
                actor=signed_in().name,
                reports=this_house().configuration.reports_directory,
            )
    except HouseError as refusal:
        return refused(refusal, batches)
    flash(
        f"读到 {done.rows} 行：新增 {done.new}，更正 {done.corrected}，没有变化 {done.unchanged}，"
        f"有错误 {done.bad}。",
        "fault" if done.bad else "done",
    )
    if done.batch_id is None:
        return redirect(url_for("batches.batches"), code=303)
    return redirect(url_for("batches.batch", batch_id=done.batch_id), code=303)


@batch_pages.get("/<int:batch_id>")
def batch(batch_id: int) -> Response:
    """One batch: its counts and a sample, to be seen before it is released."""
    with read_only(this_house().engine) as session:
        found = batch_summary(session, batch_id)
        if found is None:
            abort(404)
        results = {word: result_name(session, word) for word in found.by_result}
        results |= {visit.result: result_name(session, visit.result) for visit in found.sample}
    kinds = {kind.value: kind.zh for kind in VisitKind}
    return staff_page("batch.html", b=found, results=results, kinds=kinds)


@batch_pages.post("/<int:batch_id>/release")
def released(batch_id: int) -> AnyResponse:
    """Release a batch in one's own name."""
    try:
        with transaction(this_house().engine) as session:
            count = release_batch(session, batch_id, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: batch(batch_id))
    flash(f"已放行 {count} 条检查记录；今晚的评定和下一次发布生效。", "done")
    return redirect(url_for("batches.batch", batch_id=batch_id), code=303)


@batch_pages.post("/<int:batch_id>/review")
def reviewed(batch_id: int) -> AnyResponse:
    """Answer for a batch that is held back: the reveal of its campaign releases it in one's own name."""
    try:
        with transaction(this_house().engine) as session:
            awaited = review_batch(session, batch_id, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        flash(str(refusal), "fault")
    else:
        flash(f"已复核；{awaited.campaign} 期名单公布时（最迟 {awaited.reveal_by}）自动放行。", "done")
    return redirect(url_for("batches.batch", batch_id=batch_id), code=303)


def _releases_wait(session: Session, _name: str, _now: datetime) -> Waiting:
    return Waiting(batches_waiting(session))


declare_duty(Duty("导入的检查记录待放行", "batches.batches", frozenset({Role.EDITOR.value}), _releases_wait))
