"""Desk pages of the plan: what is due and late first, assignments, higher checks, the city's plan."""

from collections.abc import Collection
from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from inspections.campaigns.assigning import (
    NewAssignment,
    assign_visit,
    move_release,
    withdraw_assignment,
)
from inspections.campaigns.city_plan import (
    Mapped,
    bureau_mapping,
    export_city_plan,
    import_city_plan,
    read_mapping,
)
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.forms import (
    FIRST_YEAR,
    LAST_YEAR,
    civil_date,
    kept_upload,
    optional,
    optional_text,
    required_text,
    row_id,
    row_ids,
    words,
    year_of,
)
from inspections.campaigns.higher_checks import higher_warnings, record_higher_check
from inspections.campaigns.plan_queries import (
    assignment_lines,
    higher_lines,
    plan_counts,
    plan_lines,
    years_planned,
)
from inspections.campaigns.planning import assign_tasks, make_plan
from inspections.campaigns.pool import inspectors_on
from inspections.campaigns.tables import AssignmentSource
from inspections.campaigns.web import done
from inspections.campaigns.words import ASSIGNMENT_SOURCES, ASSIGNMENT_STATES, TASK_SOURCES, VISIT_KINDS
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.working_days import missing_year_warning
from inspections.surface.guard import signed_in
from inspections.surface.staff import staff_page, this_house
from inspections.units.codes import parse_code
from inspections.units.tables import Premises

plan_pages = Blueprint("plan", __name__, url_prefix="/desk/plan")

_DAYS_AHEAD, _DAYS_IN_A_YEAR = 30, 366


@plan_pages.get("/")
def due() -> Response:
    """Open tasks, what is late first."""
    on = civil_day(utc_now())
    year, within = _asked(on)
    street = request.args.get("street", "")
    with read_only(this_house().engine) as session:
        lines = plan_lines(session, year, on, within_days=within if within >= 0 else None, street=street)
        counts, years = plan_counts(session, year, on), years_planned(session)
        on_duty, assigned = inspectors_on(session, on), assignment_lines(session, on)
        streets = session.exec(select(Premises.street).distinct().order_by(col(Premises.street))).all()
    return staff_page(
        "campaigns/plan.html",
        lines=lines,
        counts=counts,
        year=year,
        years=sorted({*years, on.year}, reverse=True),
        within=within,
        street=street,
        streets=streets,
        on_duty=on_duty,
        assigned=assigned,
        on=on,
        calendar_warning=missing_year_warning(on) or missing_year_warning(on + timedelta(days=_DAYS_AHEAD)),
        sources=TASK_SOURCES,
        states=ASSIGNMENT_STATES,
        kinds=VISIT_KINDS,
        reasons=ASSIGNMENT_SOURCES,
        asked=_asked_visit(),
    )


def _asked_visit() -> dict[str, str]:
    """The visit that the address asks for, such as the re-check of an order; empty where it asks for none."""
    return {name: request.args.get(name, "") for name in ("code", "recheck", "items")}


def _asked(on: date) -> tuple[int, int]:
    """The year and the days ahead that the address asks for, as far as they make sense."""
    year = request.args.get("year", default=on.year, type=int)
    within = request.args.get("within", default=_DAYS_AHEAD, type=int)
    return year if FIRST_YEAR <= year <= LAST_YEAR else on.year, max(-1, min(within, _DAYS_IN_A_YEAR))


@plan_pages.post("/make")
def make() -> AnyResponse:
    """Bring a year's plan up to date."""

    def act(session: Session) -> str:
        year = year_of(request.form, "year", "年份")
        made = make_plan(session, year, actor=signed_in().name, now=utc_now())
        left = f"{made.without_due} 家没有应检日期（等级尚未评定）。" if made.without_due else ""
        new = made.added + made.restored
        return f"{year} 年计划共 {made.tasks} 项：新增 {new}，不再需要 {made.dropped}。{left}"

    return done(act, url_for("plan.due"), due)


@plan_pages.post("/assign")
def assign() -> AnyResponse:
    """Assign the chosen tasks to two inspectors."""

    def act(session: Session) -> str:
        form = request.form
        made = assign_tasks(
            session,
            row_ids(form.getlist("tasks")),
            accounts=(row_id(form, "lead", "主检"), row_id(form, "second", "第二检查人员")),
            release_on=civil_date(form, "release_on", "派发日期"),
            actor=signed_in().name,
            now=utc_now(),
        )
        return f"已安排 {len(made)} 家。" + _warnings(session, [one.unit_id for one in made])

    return done(act, url_for("plan.due"), due)


@plan_pages.post("/visits")
def visit() -> AnyResponse:
    """Assign one visit outside of plan and draw, with its source and reason."""

    def act(session: Session) -> str:
        form = request.form
        new = NewAssignment(
            code=_code(form.get("code", "")),
            kind=required_text(form, "kind", "检查类型"),
            source=_source(form.get("source", "")),
            lead_account_id=row_id(form, "lead", "主检"),
            second_account_id=row_id(form, "second", "第二检查人员"),
            release_on=civil_date(form, "release_on", "派发日期"),
            reason=optional_text(form, "reason", "原因", 500),
            due_on=optional(civil_date, form, "due_on", "期限"),
            items=words(form, "items"),
            recheck_of_key=optional_text(form, "recheck_of_key", "复查的记录编号", 60) or None,
        )
        made = assign_visit(session, new, actor=signed_in().name, now=utc_now())
        return "已安排。" + _warnings(session, [made.unit_id], new.items)

    return done(act, url_for("plan.due"), due)


@plan_pages.post("/release")
def release() -> AnyResponse:
    """Let the inspectors of an assignment see it from another day on."""

    def act(session: Session) -> str:
        release_on = civil_date(request.form, "release_on", "派发日期")
        assignment_id = row_id(request.form, "assignment", "任务")
        move_release(session, assignment_id, release_on, actor=signed_in().name, now=utc_now())
        return f"派发日期已改为 {release_on}。"

    return done(act, url_for("plan.due"), due)


@plan_pages.post("/withdraw")
def withdraw() -> AnyResponse:
    """Take back a visit outside of a draw that has not begun."""

    def act(session: Session) -> str:
        assignment_id = row_id(request.form, "assignment", "任务")
        reason = required_text(request.form, "reason", "撤回的原因", 200)
        withdraw_assignment(session, assignment_id, reason=reason, actor=signed_in().name, now=utc_now())
        return "已撤回；计划任务回到未安排。"

    return done(act, url_for("plan.due"), due)


@plan_pages.get("/higher")
def higher() -> Response:
    """Checks by higher authorities."""
    on = civil_day(utc_now())
    with read_only(this_house().engine) as session:
        lines = higher_lines(session, on)
    return staff_page("campaigns/higher.html", lines=lines, on=on)


@plan_pages.post("/higher")
def higher_submitted() -> AnyResponse:
    """Record a check by a higher authority."""

    def act(session: Session) -> str:
        form = request.form
        record_higher_check(
            session,
            _code(form.get("code", "")),
            authority=required_text(form, "authority", "检查机关", 60),
            checked_on=civil_date(form, "checked_on", "检查日期"),
            items=words(form, "items"),
            actor=signed_in().name,
            now=utc_now(),
        )
        return "已登记。"

    return done(act, url_for("plan.higher"), higher)


@plan_pages.get("/city")
def city() -> Response:
    """The city's double-random plan: import and export."""
    on = civil_day(utc_now())
    return staff_page("campaigns/city.html", on=on, result=None, fault=None)


@plan_pages.post("/city")
def city_submitted() -> AnyResponse:
    """Take in a file of the city's platform."""
    now = utc_now()
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise CampaignError("没有选择文件；请选择市平台导出的 CSV 或 XLSX。")
        mapped = _mapping()
        with kept_upload(upload) as path, transaction(this_house().engine) as session:
            result = import_city_plan(session, path, mapped, actor=signed_in().name, now=now)
    except HouseError as refusal:
        return staff_page("campaigns/city.html", 422, on=civil_day(now), result=None, fault=str(refusal))
    return staff_page("campaigns/city.html", on=civil_day(now), result=result, fault=None)


@plan_pages.post("/city/results")
def city_results() -> AnyResponse:
    """The year's tasks of the city in their own columns, with what has been done."""
    try:
        year = year_of(request.form, "year", "年份")
        mapped = _mapping()
        with read_only(this_house().engine) as session:
            content = export_city_plan(session, year, mapped)
    except HouseError as refusal:
        flash(str(refusal), "fault")
        return redirect(url_for("plan.city"), code=303)
    headers = {"Content-Disposition": f'attachment; filename="city-plan-{year}.csv"'}
    return Response(content, headers=headers, content_type="text/csv; charset=utf-8")


def _mapping() -> Mapped:
    """The columns of the platform: from the form, else as the bureau has put them in."""
    upload = request.files.get("mapping")
    if upload is not None and upload.filename:
        with kept_upload(upload) as path:
            return read_mapping(path)
    return bureau_mapping()


def _code(text: str) -> str:
    code = parse_code(text)
    if code is None:
        raise CampaignError("门店码不对；请按公示牌上的写，例如 7K3M-92QF。")
    return code


def _source(value: str) -> AssignmentSource:
    try:
        return AssignmentSource(value)
    except ValueError as fault:
        raise CampaignError("请选择来源。") from fault


def _warnings(session: Session, unit_ids: list[int], items: Collection[str] = ()) -> str:
    """What higher authorities have checked in these units: said, not refused."""
    found = higher_warnings(session, unit_ids, civil_day(utc_now()), items)
    return "".join(f"注意：{warning.sentence}" for warning in found.values())
