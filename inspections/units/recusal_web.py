"""The administrator's page of one inspector's recusals: from which units, since when, until when."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.staffing import end_recusal
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.surface.forms import FormError, day_of, number_of, optional_day_of, optional_text_of, text_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.units.recusals import recusal_lines, recuse

recusal_pages = Blueprint("recusals", __name__, url_prefix="/desk/people")


@recusal_pages.get("/<name>/recusals")
def recusals(name: str) -> Response:
    """Every recusal of somebody with the unit it is from."""
    with read_only(this_house().engine) as session:
        lines = recusal_lines(session, name)
    return staff_page("recusals.html", name=name, lines=lines, on=today())


@recusal_pages.post("/<name>/recusals")
def recusal_changed(name: str) -> AnyResponse:
    """A new recusal, by the unit's door code, or the last day of one."""
    actor, now, act = signed_in().name, utc_now(), request.form.get("act", "")
    try:
        with transaction(this_house().engine) as session:
            if act == "recuse":
                line = recuse(
                    session,
                    name,
                    text_of("code", "门店码", longest=200),
                    reason=optional_text_of("reason", "理由") or "",
                    from_on=day_of("from_on", "自"),
                    until_on=optional_day_of("until_on", "至"),
                    actor=actor,
                    now=now,
                )
                whose = f"{line.unit}（{line.code}，{line.address}）"
                told = f"已记录：{name} 回避 {whose}；抽取和派员时不会派到这家。"
            elif act == "end":
                recusal_id = number_of("recusal_id", "回避编号", least=1)
                until_on = day_of("until_on", "最后一天")
                end_recusal(session, recusal_id, name=name, until_on=until_on, actor=actor, now=now)
                told = "已结束回避；记录保留。"
            else:
                raise FormError("看不出要做什么；请从人员页重新进入。没有改动。")
    except HouseError as refusal:
        return refused(refusal, lambda: recusals(name))
    flash(told, "done")
    return redirect(url_for("recusals.recusals", name=name), code=303)
