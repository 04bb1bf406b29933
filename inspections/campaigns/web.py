"""Desk pages of campaigns: the list, the form, the pool before the draw, the commitment; later the day."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from sqlmodel import Session, col, select
from werkzeug.wrappers import Response as AnyResponse

from inspections.campaigns.campaign_queries import draw_lines, results_warning, vote_counts
from inspections.campaigns.committing import PUBLIC_BEFORE, Announcement, commit
from inspections.campaigns.duties import declare_duties
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.forms import campaign_plan, instant, required_text, row_ids
from inspections.campaigns.pool import inspectors_on, pool_of, strata_of
from inspections.campaigns.queries import board_of, campaign_lines, next_month
from inspections.campaigns.rules import STRATA_WORDS, StrataBy
from inspections.campaigns.service import (
    CampaignPlan,
    change_campaign,
    make_campaign,
    open_nominations,
    plan_of,
)
from inspections.campaigns.tables import Campaign, CampaignState
from inspections.campaigns.words import (
    ASSIGNMENT_STATES,
    CAMPAIGN_STATES,
    EVENT_WORDS,
    EXCLUSION_REASONS,
    INSPECTOR_REASONS,
    SUBSTITUTE_REASONS,
)
from inspections.record.clock import PEOPLE_ZONE, civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.settings import settings_on
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.units.tables import Premises
from inspections.units.words import unit_types

campaign_pages = Blueprint("campaigns", __name__, url_prefix="/desk/campaigns")
declare_duties()

_BEFORE = (CampaignState.PLANNED, CampaignState.NOMINATING)
_GRADES = ("A", "B", "C", "D")


@campaign_pages.app_template_filter()
def field_clock(at: datetime) -> str:
    """An instant as a field of the browser takes it."""
    return at.astimezone(PEOPLE_ZONE).strftime("%Y-%m-%dT%H:%M")


@campaign_pages.app_template_filter()
def twice(word: str) -> tuple[str, str]:
    """A word that is its own label."""
    return word, word


def done(act: Callable[[Session], str], back: str, page: Callable[[], Response]) -> AnyResponse:
    """Carry out one act and go back; a refusal is said on the form's page, where what was typed stays."""
    try:
        with transaction(this_house().engine) as session:
            told = act(session)
    except HouseError as refusal:
        return refused(refusal, page)
    flash(told, "done")
    return redirect(back, code=303)


def done_on(key: str, act: Callable[[Session], str]) -> AnyResponse:
    """Carry out one act on a campaign's page."""
    return done(act, page_of(key), lambda: campaign(key))


def page_of(key: str) -> str:
    """The address of a campaign's page."""
    return url_for("campaigns.campaign", key=key)


@campaign_pages.get("/")
def listing() -> Response:
    """Every campaign, the newest first."""
    with read_only(this_house().engine) as session:
        lines = campaign_lines(session)
    return staff_page("campaigns/listing.html", lines=lines, states=CAMPAIGN_STATES, on=civil_day(utc_now()))


@campaign_pages.get("/new")
def new() -> Response:
    """The form of a new campaign, for the month after the newest one."""
    with read_only(this_house().engine) as session:
        key, issue_no = next_month(session, civil_day(utc_now()))
    return _form(None, {"key": key, "issue_no": str(issue_no), "substitutes": "3", "load_limit": "6"})


@campaign_pages.post("/new")
def new_submitted() -> AnyResponse:
    """Make a campaign."""
    now = utc_now()
    try:
        plan = campaign_plan(request)
        with transaction(this_house().engine) as session:
            make_campaign(session, plan, actor=signed_in().name, now=now)
    except CampaignError as refusal:
        return _form(None, request.form.to_dict(flat=False), str(refusal))
    flash(f"已建立 {plan.key} 这一期；请核对抽查库，再承诺。", "done")
    return redirect(page_of(plan.key), code=303)


@campaign_pages.get("/<key>/edit")
def edit(key: str) -> Response:
    """The form of a campaign whose pool is open."""
    with read_only(this_house().engine) as session:
        plan = plan_of(_campaign(session, key))
    return _form(key, written(plan))


@campaign_pages.post("/<key>/edit")
def edit_submitted(key: str) -> AnyResponse:
    """Change a campaign whose pool is open."""
    now = utc_now()
    try:
        plan = campaign_plan(request, key)
        with transaction(this_house().engine) as session:
            change_campaign(session, plan, actor=signed_in().name, now=now)
    except CampaignError as refusal:
        return _form(key, request.form.to_dict(flat=False), str(refusal))
    flash("已保存。", "done")
    return redirect(page_of(key), code=303)


def _form(key: str | None, values: Mapping[str, object], fault: str | None = None) -> Response:
    on = civil_day(utc_now())
    with read_only(this_house().engine) as session:
        streets = session.exec(select(Premises.street).distinct().order_by(col(Premises.street))).all()
        grades = _GRADES if settings_on(session, on).is_on("grade_is_public") else ()
    shown = {name: _shown(name, value) for name, value in values.items()}
    return staff_page(
        "campaigns/form.html",
        422 if fault else 200,
        key=key,
        values=shown,
        fault=fault,
        streets=streets,
        unit_types={word: str(kind["zh"]) for word, kind in unit_types().items()},
        grades=grades,
        strata=[
            (by.value, words) for by, words in STRATA_WORDS.items() if grades or by is not StrataBy.GRADE
        ],
    )


_LISTS = ("streets", "unit_types", "grades")


def _shown(name: str, value: object) -> object:
    if isinstance(value, list) and name not in _LISTS:
        return value[0] if value else ""
    return value


def written(plan: CampaignPlan) -> dict[str, object]:
    """A campaign as its form shows it."""
    pool, strata = plan.pool, plan.strata
    return {
        "key": plan.key,
        "issue_no": str(plan.issue_no),
        "theme": plan.theme,
        "theme_items": "、".join(plan.theme_items),
        "draw_count": str(plan.draw_count),
        "substitutes": str(plan.substitutes),
        "load_limit": str(plan.load_limit),
        "guests": "\n".join(f"{role} {number}" for role, number in plan.guests),
        "streets": list(pool.streets),
        "unit_types": list(pool.unit_types),
        "grades": list(pool.grades),
        "chains": "、".join(pool.chains),
        "online_ordering": {True: "yes", False: "no", None: ""}[pool.online_ordering],
        "due_by": pool.due_by.isoformat() if pool.due_by else "",
        "nominated_from": str(pool.nominated_from or ""),
        "strata_by": strata.by.value,
        "weights": "\n".join(f"{name} {weight}" for name, weight in strata.weights.items()),
        "nominated_apart": "yes" if strata.nominated_apart else "",
    }


@campaign_pages.get("/<key>")
def campaign(key: str) -> Response:
    """A campaign: its pool before the draw, its day after it."""
    now = utc_now()
    on = civil_day(now)
    with read_only(this_house().engine) as session:
        found = _campaign(session, key)
        plan, draws = plan_of(found), draw_lines(session, found.id or 0)
        on_duty = inspectors_on(session, on)
        units = []
        if found.state in _BEFORE:
            units = pool_of(session, plan.pool, plan.strata, on=on, campaign_id=found.id)
        board = board_of(session, found, on)
        votes = vote_counts(session, found.id or 0, plan.pool.nominated_from)
        warning = results_warning(session, found, on)
    return staff_page(
        "campaigns/campaign.html",
        c=found,
        plan=plan,
        states=CAMPAIGN_STATES,
        steps=list(CAMPAIGN_STATES),
        strata=strata_of(units, plan.strata, plan.draw_count),
        strata_words=STRATA_WORDS[plan.strata.by],
        pool_size=len(units),
        draws=draws,
        on_duty=on_duty,
        board=board,
        votes=votes,
        calendar_warning=warning,
        now=now,
        on=on,
        is_open=found.state in _BEFORE,
        earliest=field_clock(now + PUBLIC_BEFORE + timedelta(minutes=1)),
        assignment_states=ASSIGNMENT_STATES,
        event_words=EVENT_WORDS,
        exclusion_reasons=EXCLUSION_REASONS,
        inspector_reasons=INSPECTOR_REASONS,
        can_substitute=list(SUBSTITUTE_REASONS),
    )


@campaign_pages.get("/<key>/pool")
def pool(key: str) -> Response:
    """Every unit of a pool that is still open."""
    on = civil_day(utc_now())
    with read_only(this_house().engine) as session:
        found = _campaign(session, key)
        plan = plan_of(found)
        units = pool_of(session, plan.pool, plan.strata, on=on, campaign_id=found.id)
    return staff_page("campaigns/pool.html", c=found, plan=plan, units=units)


@campaign_pages.post("/<key>/nominations")
def nominations(key: str) -> AnyResponse:
    """Let the public nominate units until an instant."""

    def act(session: Session) -> str:
        until = instant(request.form, "until", "征集截止时间")
        open_nominations(session, key, until=until, actor=signed_in().name, now=utc_now())
        return "点检征集已开放。"

    return done_on(key, act)


@campaign_pages.post("/<key>/commit")
def commitment(key: str) -> AnyResponse:
    """Close the pool and commit."""

    def act(session: Session) -> str:
        announcement = Announcement(
            required_text(request.form, "source", "公开值来源"),
            instant(request.form, "value_at", "公开值产生的时间"),
        )
        accounts = row_ids(request.form.getlist("accounts"))
        made = commit(session, key, announcement, actor=signed_in().name, now=utc_now(), accounts=accounts)
        return f"已承诺：名单里有 {made.units} 家单位。两个校验值几分钟内出现在公示网站上。"

    return done_on(key, act)


def _campaign(session: Session, key: str) -> Campaign:
    found = session.exec(select(Campaign).where(Campaign.key == key)).first()
    if found is None:
        abort(404)
    return found
