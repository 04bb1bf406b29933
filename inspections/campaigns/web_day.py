"""Desk pages of a campaign's day: value and draw, states, substitutes, exclusions, redraw, reveal."""

import json
from datetime import date
from pathlib import Path

from flask import Response, abort, request, send_file
from sqlmodel import Session, select
from werkzeug.wrappers import Response as AnyResponse

from inspections.campaigns.assigning import move_release, note_state
from inspections.campaigns.committing import Announcement
from inspections.campaigns.draw_changes import exclude_unit, open_substitute, redraw, replace_inspector
from inspections.campaigns.draw_day import GivenValue, enter_value, run_draw
from inspections.campaigns.drawing.commitments import normal_value
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.forms import (
    civil_date,
    instant,
    kept_picture,
    optional_text,
    picture_type,
    required_text,
    row_id,
    row_ids,
)
from inspections.campaigns.public_view import certificate_for_staff
from inspections.campaigns.queries import is_photo_of
from inspections.campaigns.revealing import reveal
from inspections.campaigns.tables import AssignmentState, Campaign
from inspections.campaigns.web import campaign_pages as campaign_pages
from inspections.campaigns.web import done_on
from inspections.campaigns.words import ASSIGNMENT_STATES
from inspections.record.clock import utc_now
from inspections.record.database import read_only
from inspections.record.evidence import place_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import this_house
from inspections.units.codes import parse_code


@campaign_pages.post("/<key>/value")
def value(key: str) -> AnyResponse:
    """Enter the public value, written twice, with what proves it."""

    def act(session: Session) -> str:
        form = request.form
        text = required_text(form, "value", "公开值")
        if normal_value(text) != normal_value(form.get("again", "")):
            raise CampaignError("两次写的公开值不一样；它决定抽取结果，录入后不能改，请重新核对。")
        given = GivenValue(
            text=text,
            source=required_text(form, "how", "来源"),
            known_at=instant(form, "known_at", "产生时间"),
            link=optional_text(form, "link", "网址", 500) or None,
            photo_sha256=kept_picture(request.files.get("photo"), _evidence()),
        )
        enter_value(session, key, given, actor=signed_in().name, now=utc_now())
        return "公开值已录入；请抽取。"

    return done_on(key, act)


@campaign_pages.post("/<key>/draw")
def draw(key: str) -> AnyResponse:
    """Draw."""

    def act(session: Session) -> str:
        release_on = civil_date(request.form, "release_on", "派发日期")
        drawn = run_draw(session, key, release_on=release_on, actor=signed_in().name, now=utc_now())
        gone = f"名单里 {drawn.excluded} 家已不在营，按登记排除。" if drawn.excluded else ""
        return f"已抽取 {drawn.units} 家。{gone}"

    return done_on(key, act)


@campaign_pages.post("/<key>/exclude")
def exclude(key: str) -> AnyResponse:
    """Take a unit out of the draw."""

    def act(session: Session) -> str:
        code = _code("code")
        reason = required_text(request.form, "reason", "理由")
        exclude_unit(session, key, code, reason, actor=signed_in().name, now=utc_now())
        return f"已排除 {code}；其余单位的次序不变。"

    return done_on(key, act)


@campaign_pages.post("/<key>/substitute")
def substitute(key: str) -> AnyResponse:
    """Open the next substitute."""

    def act(session: Session) -> str:
        opened = open_substitute(session, key, _code("code"), actor=signed_in().name, now=utc_now())
        return f"已打开递补单位 {opened}。"

    return done_on(key, act)


@campaign_pages.post("/<key>/inspector")
def inspector(key: str) -> AnyResponse:
    """Let the next inspector take the place of one."""

    def act(session: Session) -> str:
        code, account_id = _code("code"), row_id(request.form, "account", "检查人员")
        reason = required_text(request.form, "reason", "理由")
        replace_inspector(session, key, code, account_id, reason, actor=signed_in().name, now=utc_now())
        return f"已更换 {code} 的检查人员，按次序由下一位接替。"

    return done_on(key, act)


@campaign_pages.post("/<key>/state")
def state(key: str) -> AnyResponse:
    """Note how far a unit is, where no tablet says it; a closed door with its picture."""

    def act(session: Session) -> str:
        try:
            wanted = AssignmentState(request.form.get("state", ""))
        except ValueError as fault:
            raise CampaignError("请选择情况。") from fault
        note_state(
            session,
            row_id(request.form, "assignment", "任务"),
            wanted,
            actor=signed_in().name,
            now=utc_now(),
            note=optional_text(request.form, "note", "说明"),
            photo_sha256=kept_picture(request.files.get("photo"), _evidence()),
            visited_on=_visited_on(wanted),
        )
        return f"已记为“{ASSIGNMENT_STATES[wanted]}”。"

    return done_on(key, act)


def _visited_on(wanted: AssignmentState) -> date | None:
    """The day of a visit that no tablet tells: the law counts from it, so a person writes it."""
    return civil_date(request.form, "visited_on", "检查日期") if wanted is AssignmentState.DONE else None


@campaign_pages.post("/<key>/release")
def release(key: str) -> AnyResponse:
    """Let the inspectors of a unit see it from another day on."""

    def act(session: Session) -> str:
        release_on = civil_date(request.form, "release_on", "派发日期")
        assignment_id = row_id(request.form, "assignment", "任务")
        move_release(session, assignment_id, release_on, actor=signed_in().name, now=utc_now())
        return f"派发日期已改为 {release_on}。"

    return done_on(key, act)


@campaign_pages.post("/<key>/redraw")
def draw_again(key: str) -> AnyResponse:
    """Give up the draw and commit anew."""

    def act(session: Session) -> str:
        announcement = Announcement(
            required_text(request.form, "source", "公开值来源"),
            instant(request.form, "value_at", "公开值产生的时间"),
        )
        accounts = row_ids(request.form.getlist("accounts"))
        made = redraw(
            session, key, required_text(request.form, "reason", "作废理由"), announcement,
            actor=signed_in().name, now=utc_now(), accounts=accounts,
        )  # fmt: skip
        return f"原抽取已作废，第 {made.number} 次抽取已承诺；原来的内容全部保留在凭证里。"

    return done_on(key, act)


@campaign_pages.post("/<key>/reveal")
def revealed(key: str) -> AnyResponse:
    """Make the draws public."""

    def act(session: Session) -> str:
        reveal(session, key, actor=signed_in().name, now=utc_now())
        return "名单已公布，几分钟内出现在公示网站上；已复核的检查在十分钟内放行和评定，随后可以起草红黑榜。"

    return done_on(key, act)


@campaign_pages.get("/<key>/photos/<sha256>")
def photo(key: str, sha256: str) -> Response:
    """The picture of a closed door, as the manager must see it before deciding."""
    with read_only(this_house().engine) as session:
        is_known = is_photo_of(session, key, sha256)
    path = place_of(_evidence(), sha256)
    kind = picture_type(path.read_bytes()) if is_known and path.is_file() else None
    if kind is None:
        abort(404)
    return send_file(path.resolve(), mimetype=kind, max_age=0)


@campaign_pages.get("/<key>/certificate.json")
def certificate(key: str) -> Response:
    """The certificate, from the draw on whole, before the reveal for the manager and the auditors only."""
    with read_only(this_house().engine) as session:
        found = session.exec(select(Campaign).where(Campaign.key == key)).first()
        if found is None or found.reveal_by is None:
            abort(404)
        text = json.dumps(certificate_for_staff(session, found), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f'attachment; filename="draw-{key}.json"'}
    return Response(text, headers=headers, content_type="application/json; charset=utf-8")


def _code(name: str) -> str:
    code = parse_code(request.form.get(name, ""))
    if code is None:
        raise CampaignError("门店码不对；请按公示牌上的写，例如 7K3M-92QF。")
    return code


def _evidence() -> Path:
    return this_house().configuration.evidence_directory
