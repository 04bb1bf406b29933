"""The desk's pages of editions: draft from the month's visits, approve what one has seen, withdraw."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, Response, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.surface.desk import Duty, Waiting, declare_duty
from inspections.surface.forms import FormError, optional_day_of, optional_text_of, text_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from publishing.editions.candidates import Candidate, candidates_of_month, ungraded_visits
from publishing.editions.desk_view import (
    edition_lines,
    edition_sheet,
    waiting_for_approval,
    waiting_for_draft,
)
from publishing.editions.drafting import find_edition, newest_text, save_draft, with_heading
from publishing.editions.drafts import LIST_WORDS, DraftError, DraftLine, SavedLine, checked_month, read_draft
from publishing.editions.notices import Notice, notices_of, write_notices
from publishing.editions.service import APPROVALS_NEEDED, approve, publish_edition, withdraw

edition_pages = Blueprint("editions", __name__, url_prefix="/desk/editions")

LIST_CHOICES = (("", "不上榜"), *LIST_WORDS.items())
_MOST_LINES = 500
_HEADING = ("theme", "issue_no", "drawn", "checked", "chosen_how")


@dataclass(frozen=True)
class FormLine:
    """One visit of the month in the drafting form: what the rules propose, and what the draft says."""

    candidate: Candidate
    number: int
    list_word: str
    reasons: str
    measures: str
    told_on: date | None
    told_how: str
    is_confirmed: bool
    notice: Notice | None


@edition_pages.get("/")
def editions() -> Response:
    """Every edition with its state, own ones first, newest first."""
    with read_only(this_house().engine) as session:
        rows = edition_lines(session)
    return staff_page("editions.html", rows=rows, month=today().strftime("%Y-%m"))


@edition_pages.get("/<key>")
def edition(key: str) -> Response:
    """One edition: what approvers see, who approved, what it waits for."""
    identity, now = signed_in(), utc_now()
    with read_only(this_house().engine) as session:
        sheet = edition_sheet(session, key, now)
    if sheet is None:
        return _draft_page(key)
    may = {role: role.value in identity.roles for role in (Role.EDITOR, Role.APPROVER)}
    return staff_page(
        "edition.html",
        e=sheet,
        may_edit=may[Role.EDITOR],
        may_approve=may[Role.APPROVER] and identity.name not in sheet.drafters,
        is_drafter=identity.name in sheet.drafters,
        has_approved=identity.name in sheet.approvers,
    )


@edition_pages.get("/<month>/draft")
def draft(month: str) -> AnyResponse:
    """The drafting form: each usable visit of the month with the rules' proposal."""
    with read_only(this_house().engine) as session:
        sheet = edition_sheet(session, month, utc_now())
    if sheet is not None and sheet.published_on is not None:
        # What is public is not drafted any more: its own page says so.
        return redirect(url_for("editions.edition", key=month))
    return _draft_page(month)


@edition_pages.post("/<month>/draft")
def draft_saved(month: str) -> AnyResponse:
    """Save the form as the present draft; what is wrong is named line by line and nothing is lost."""
    now, written = utc_now(), 0
    try:
        with transaction(this_house().engine) as session:
            candidates = candidates_of_month(session, checked_month(month))
            lines = _lines_of_form(candidates)
            heading: dict[str, str | int | None] = {
                "theme": optional_text_of("theme", "主题", longest=60),
                "chosen_how": optional_text_of("chosen_how", "怎样抽取", longest=300),
                "issue_no": _number("issue_no", "期号"),
                "drawn": _number("drawn", "抽取家数"),
                "checked": _number("checked", "检查家数"),
            }
            if request.form.get("act") == "notices":
                written = write_notices(session, month, lines, actor=signed_in().name, now=now)
            else:
                drafted = with_heading(session, month, lines, heading)
                save_draft(session, drafted, actor=signed_in().name, now=now)
    except DraftError as refusal:
        return _draft_page(month, 422, faults=[str(fault) for fault in refusal.faults], from_form=True)
    except HouseError as refusal:
        return _draft_page(month, 422, faults=[str(refusal)], from_form=True)
    if request.form.get("act") == "notices":
        flash(f"已写 {written} 封告知书，在通知页打印和送达；草稿还没有保存，送达后再保存。", "done")
        return _draft_page(month, from_form=True)
    flash("草稿已保存；以前的审批如果是对别的内容作出的，都已失效。", "done")
    return redirect(url_for("editions.edition", key=month), code=303)


@edition_pages.post("/<month>/approve")
def approved(month: str) -> AnyResponse:
    """Approve the draft whose hash the page showed."""
    return _act(month, lambda session: _approve(session, month))


@edition_pages.post("/<month>/publish")
def published(month: str) -> AnyResponse:
    """Publish now what two others have approved, without waiting for the schedule."""
    return _act(month, lambda session: _publish(session, month))


@edition_pages.post("/<key>/withdraw")
def withdrawn(key: str) -> AnyResponse:
    """Withdraw one entry, or the whole edition where no number is given."""
    return _act(key, lambda session: _withdraw(session, key))


def _act(key: str, act: Callable[[Session], str]) -> AnyResponse:
    try:
        with transaction(this_house().engine) as session:
            told = act(session)
    except HouseError as refusal:
        return refused(refusal, lambda: edition(key))
    flash(told, "done")
    return redirect(url_for("editions.edition", key=key), code=303)


def _approve(session: Session, month: str) -> str:
    seen = text_of("seen", "校验值", longest=64)
    count = approve(session, month, actor=signed_in().name, now=utc_now(), seen_hash=seen)
    follows = "定时任务会公示本期。" if count >= APPROVALS_NEEDED else "还需要另一位审批人。"
    return f"已审批；现在有 {count} 人审批。{follows}"


def _publish(session: Session, month: str) -> str:
    done = publish_edition(session, month, now=utc_now(), actor=signed_in().name)
    return f"{month} 期已公示，共 {done.entries} 条；网站在十分钟内更新。"


def _withdraw(session: Session, key: str) -> str:
    number = _number("number", "序号")
    reason = text_of("reason", "撤下的原因", longest=300)
    count = withdraw(session, key, number=number, reason=reason, actor=signed_in().name, now=utc_now())
    return f"已撤下 {count} 条；网站在十分钟内换成中性说明。"


def _draft_page(
    month: str, status: int = 200, *, faults: list[str] | None = None, from_form: bool = False
) -> Response:
    with read_only(this_house().engine) as session:
        candidates = candidates_of_month(session, checked_month(month))
        found = find_edition(session, month)
        saved = read_draft(newest_text(session, found.id or 0)) if found is not None else None
        known = {line.visit_id: line for line in saved.lines} if saved is not None else {}
        heading = with_heading(session, month, (), {})
        shown = [one.visit.visit_id for one in candidates]
        notices, ungraded = notices_of(session, month, shown), ungraded_visits(session, shown)
    if found is not None and found.published_at is not None:
        flash(f"{month} 期已经公示，不能再改；有错的条目请撤下。", "fault")
    lines = [
        _with_notice(
            _typed(number, one)
            if from_form
            else _proposed(number, one, known.get(one.visit.visit_id), is_first=saved is None),
            notices.get(one.visit.visit_id),
        )
        for number, one in enumerate(candidates, start=1)
    ]
    return staff_page(
        "edition_draft.html",
        status,
        month=month,
        lines=lines,
        heading={field: request.form.get(field, "") for field in _HEADING} if from_form else heading,
        faults=faults or [],
        lists=LIST_CHOICES,
        ungraded=len(ungraded),
    )


def _proposed(number: int, candidate: Candidate, saved: SavedLine | None, *, is_first: bool) -> FormLine:
    if saved is None:
        word = candidate.proposed_list or "" if is_first else ""
        return FormLine(candidate, number, word, "\n".join(candidate.reasons), "", None, "", False, None)
    return FormLine(
        candidate,
        saved.number,
        saved.list_word,
        "\n".join(saved.reasons),
        saved.measures or "",
        saved.told_on,
        saved.told_how or "",
        True,
        None,
    )


def _with_notice(line: FormLine, notice: Notice | None) -> FormLine:
    """What the delivery record of the notice says, where the editor has written nothing else."""
    if notice is None:
        return line
    if line.told_on is not None or line.told_how:
        return replace(line, notice=notice)
    return replace(line, notice=notice, told_on=notice.told_on, told_how=notice.told_how)


def _typed(number: int, candidate: Candidate) -> FormLine:
    """A line as it was typed, so that a refusal loses nothing."""
    form, key = request.form, str(candidate.visit.visit_id)
    told_on = form.get(f"told_on-{key}", "")
    return FormLine(
        candidate,
        number,
        form.get(f"list-{key}", ""),
        form.get(f"reasons-{key}", ""),
        form.get(f"measures-{key}", ""),
        date.fromisoformat(told_on) if _is_day(told_on) else None,
        form.get(f"told_how-{key}", ""),
        f"confirmed-{key}" in form,
        None,
    )


def _lines_of_form(candidates: list[Candidate]) -> tuple[DraftLine, ...]:
    chosen = [one for one in candidates if request.form.get(f"list-{one.visit.visit_id}")]
    if len(chosen) > _MOST_LINES:
        raise FormError(f"一期最多 {_MOST_LINES} 条；请减少上榜的单位。")
    return tuple(_line(number, one) for number, one in enumerate(chosen, start=1))


def _line(number: int, candidate: Candidate) -> DraftLine:
    key = candidate.visit.visit_id
    reasons = optional_text_of(f"reasons-{key}", f"第 {number} 条的理由") or ""
    return DraftLine(
        number=number,
        list_word=request.form.get(f"list-{key}", ""),
        visit_id=key,
        reasons=tuple(reason.strip() for reason in reasons.splitlines() if reason.strip()),
        measures=optional_text_of(f"measures-{key}", f"第 {number} 条的处理措施"),
        told_on=optional_day_of(f"told_on-{key}", f"第 {number} 条的告知日期"),
        told_how=optional_text_of(f"told_how-{key}", f"第 {number} 条的告知方式", longest=100),
        no_personal_names=f"confirmed-{key}" in request.form,
    )


def _number(field: str, label: str) -> int | None:
    value = request.form.get(field, "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 5):
        raise FormError(f"“{label}”的“{value[:20]}”不是数字；请改正。")
    return int(value)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _drafts_wait(session: Session, _name: str, _now: object) -> Waiting:
    return waiting_for_draft(session, today())


def _approvals_wait(session: Session, name: str, _now: object) -> Waiting:
    return waiting_for_approval(session, name)


declare_duty(Duty("红黑榜待起草", "editions.editions", frozenset({Role.EDITOR.value}), _drafts_wait))
declare_duty(Duty("红黑榜待审批", "editions.editions", frozenset({Role.APPROVER.value}), _approvals_wait))
