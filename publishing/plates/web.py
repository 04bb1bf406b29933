"""The desk's pages of plates: print them, hand them over, and each door's plates with what became of them."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, request, send_file, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.command_line import CLI
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.settings import settings_on
from inspections.surface.desk import Duty, Waiting, declare_duty
from inspections.surface.fonts import print_fonts
from inspections.surface.forms import day_of, optional_text_of, text_of, typed_list
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.surface.uploads import uploaded
from publishing.plates.choosing import PlateError, Selection, known_code, type_labels
from publishing.plates.forms import FORMS, PER_FILE
from publishing.plates.history import batch_codes, batch_lines, batch_of, batches, lives_of_door
from publishing.plates.life import Handing, hand_over, note_seen, withdraw_plate
from publishing.plates.lists import DoorList, read_doors
from publishing.plates.printing import batch_file, batch_folder, write_print
from publishing.plates.queries import doors_by_code, outdated_plates, streets
from publishing.plates.service import IssuedPlates, issue_plates
from publishing.plates.standing import (
    PRINTED,
    STATE_WORDS,
    door_names,
    missing_plates,
    plate_lines,
    state_counts,
)
from publishing.plates.tables import PlateEventKind

plate_pages = Blueprint("plates", __name__, url_prefix="/desk/plates")

_MOST_LINES = 300
_STATES = [(state, word) for state, word in STATE_WORDS.items() if state != PlateEventKind.REPLACED]


@plate_pages.get("/")
def plates() -> Response:
    """Where all plates stand, the prints so far, and the form of the next print."""
    state = request.args.get("state", "")
    street = request.args.get("street", "").strip()[:60]
    with read_only(this_house().engine) as session:
        address = settings_on(session, today()).optional_text("public_address")
        found = plate_lines(
            session,
            today(),
            street=street or None,
            state=state or None,
            limit=_MOST_LINES + 1,
        )
        return staff_page(
            "plates.html",
            counts=state_counts(session),
            outdated=len(outdated_plates(session, address)) if address else 0,
            lines=found[:_MOST_LINES],
            is_cut=len(found) > _MOST_LINES,
            state=state,
            street=street,
            states=_STATES,
            streets=streets(session),
            types=type_labels(),
            forms_of_print=[(form.key, form.label) for form in FORMS.values()],
            batches=batches(session),
            form_labels={form.key: form.label for form in FORMS.values()},
            is_refused=request.method == "POST",
            may_change=_may_change(),
        )


@plate_pages.get("/find")
def find() -> AnyResponse:
    """The page of a door whose code was typed or scanned."""
    typed = request.args.get("q", "").strip()[:200]
    try:
        with read_only(this_house().engine) as session:
            code = known_code(session, typed)
    except PlateError as refusal:
        flash(str(refusal), "fault")
        return redirect(url_for("plates.plates"), code=303)
    return redirect(url_for("plates.door", code=code), code=303)


@plate_pages.post("/print")
def printed() -> AnyResponse:
    """Issue plates and write their sheets; the way leads to the new print."""
    try:
        issued = _print_form()
    except HouseError as refusal:
        return refused(refusal, plates)
    for sentence in issued.refused[:20]:
        flash(sentence, "fault")
    if issued.batch_id is None:
        flash("选中的门店里没有在营单位，没有要制的公示牌。", "fault")
        return redirect(url_for("plates.plates"), code=303)
    flash(
        f"第 {issued.batch_id} 批：公示牌 {len(issued.plates)} 块（新制发 {issued.new}，"
        f"重印 {len(issued.plates) - issued.new}）；{issued.vacant} 处没有在营单位，不制牌。",
        "done",
    )
    return redirect(url_for("plates.batch", batch_id=issued.batch_id), code=303)


def _print_form() -> IssuedPlates:
    if not request.files.get("list"):
        return _print(_selection(None))
    with uploaded("list", "名单文件") as path:
        return _print(_selection(read_doors(path)))


def _selection(listed: DoorList | None) -> Selection:
    return Selection(
        street=optional_text_of("street", "街镇", longest=60),
        code=optional_text_of("code", "门店码", longest=60),
        only_outdated="outdated" in request.form,
        unit_type=optional_text_of("unit_type", "业态", longest=60),
        listed=listed,
    )


def _print(selection: Selection, *, anew: bool = False, reason: str = "") -> IssuedPlates:
    house, form = this_house(), FORMS.get(request.form.get("layout", "a5"))
    if form is None:
        raise PlateError("没有选版式；请从列表里选一种。")
    with transaction(house.engine) as session:
        issued = issue_plates(
            session,
            selection,
            fonts=print_fonts(),
            configured_address=house.configuration.public_url,
            on=today(),
            actor=signed_in().name,
            now=utc_now(),
            anew=anew,
            reason=reason,
            form=form,
        )
        if len(issued.plates) > PER_FILE:
            raise PlateError(
                f"选中了 {len(issued.plates)} 块；这里一次最多印 {PER_FILE} 块，没有制发。"
                f"请按街镇或名单分几次，或在服务器上运行 {CLI} plates print。"
            )
    if issued.batch_id is not None:
        target = batch_folder(house.configuration, issued.batch_id) / batch_file(issued.batch_id)
        write_print(issued.plates, target, form=form, batch_id=issued.batch_id)
    return issued


@plate_pages.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> Response:
    """One print: its files, what lies where, and who took it."""
    with read_only(this_house().engine) as session:
        try:
            found = batch_of(session, batch_id)
        except PlateError:
            abort(404)
        lines = batch_lines(session, found, today())
    folder = batch_folder(this_house().configuration, batch_id)
    names = [path.name for path in folder.glob("plates-*")] if folder.is_dir() else []
    return staff_page(
        "plate_batch.html",
        b=found,
        lines=lines,
        ticked=typed_list("code", [line.code for line in lines if line.state == PRINTED]),
        files=sorted(names, key=lambda one: (not one.endswith(".pdf"), one)),
        form=FORMS[found.form],
        waiting=sum(line.state == PRINTED for line in lines),
        today=today(),
        may_change=_may_change(),
    )


@plate_pages.get("/batches/<int:batch_id>/<name>")
def file(batch_id: int, name: str) -> Response:
    """A file of a print: its sheets, or one of its lists."""
    folder = batch_folder(this_house().configuration, batch_id)
    path = folder / name
    if path.parent != folder or not name.startswith("plates-") or not path.is_file():
        abort(404)
    return send_file(path.resolve(), as_attachment=path.suffix != ".pdf", download_name=name)


@plate_pages.post("/batches/<int:batch_id>/hand-over")
def handed_over(batch_id: int) -> AnyResponse:
    """Record who took the ticked plates of a print, or all that are still here."""

    def record(session: Session) -> str:
        person, on = text_of("person", "领取人", longest=60), day_of("on", "日期")
        chosen = set(request.form.getlist("code"))
        codes = [code for code in batch_codes(session, batch_id) if code in chosen]
        if not codes:
            raise PlateError("一块也没有勾选；请勾选交出去的公示牌。")
        handings = [Handing(code, person, on) for code in codes]
        done = hand_over(session, handings, actor=signed_in().name, now=utc_now())
        for sentence in done.refused:
            flash(sentence, "fault")
        return f"记下交付 {done.plates} 块。"

    return _act(record, lambda: batch(batch_id), url_for("plates.batch", batch_id=batch_id))


@plate_pages.get("/doors/<code>")
def door(code: str) -> Response:
    """Every plate of a door with everything that became of it."""
    with read_only(this_house().engine) as session:
        known = doors_by_code(session, [code])
        if code not in known:
            abort(404)
        lives = lives_of_door(session, known[code])
        name = door_names(session, [known[code]], today()).get(known[code], "")
    return staff_page(
        "plate_door.html",
        code=code,
        name=name,
        lives=lives,
        in_force=lives[0] if lives and lives[0].is_in_force else None,
        forms_of_print=[(form.key, form.label) for form in FORMS.values()],
        today=today(),
        may_change=_may_change(),
    )


@plate_pages.post("/doors/<code>/hand-over")
def door_handed_over(code: str) -> AnyResponse:
    """Record who took the door's plate."""

    def record(session: Session) -> str:
        handing = Handing(code, text_of("person", "领取人", longest=60), day_of("on", "日期"))
        done = hand_over(session, [handing], actor=signed_in().name, now=utc_now())
        if done.refused:
            raise PlateError(done.refused[0])
        return f"记下 {handing.on} 交给{handing.person}。"

    return _act(record, lambda: door(code), url_for("plates.door", code=code))


@plate_pages.post("/doors/<code>/seen")
def seen(code: str) -> AnyResponse:
    """Record that somebody saw the plate at its door, or found it missing."""

    def record(session: Session) -> str:
        is_there = request.form.get("there") == "yes"
        on, note = day_of("on", "日期"), optional_text_of("note", "检查记录编号或说明", longest=200) or ""
        note_seen(session, code, is_there=is_there, on=on, note=note, actor=signed_in().name, now=utc_now())
        return "已记下。"

    return _act(record, lambda: door(code), url_for("plates.door", code=code))


@plate_pages.post("/doors/<code>/withdraw")
def withdrawn(code: str) -> AnyResponse:
    """Withdraw the door's plate; its page will say so."""

    def record(session: Session) -> str:
        reason, on = text_of("reason", "作废的原因", longest=200), day_of("on", "日期")
        withdraw_plate(session, code, reason=reason, on=on, actor=signed_in().name, now=utc_now())
        return "已作废；十分钟内门店页写明这块牌已作废。"

    return _act(record, lambda: door(code), url_for("plates.door", code=code))


@plate_pages.post("/doors/<code>/replace")
def replaced(code: str) -> AnyResponse:
    """Issue the next plate in place of the one there is."""
    try:
        reason = text_of("reason", "换新的原因", longest=200)
        issued = _print(Selection(code=code), anew=True, reason=reason)
    except HouseError as refusal:
        return refused(refusal, lambda: door(code))
    if issued.batch_id is None:
        flash(issued.refused[0] if issued.refused else "这里没有在营单位，不制牌。", "fault")
        return redirect(url_for("plates.door", code=code), code=303)
    flash(f"已制发第 {issued.plates[0].issue_no} 次，印件在这里。", "done")
    return redirect(url_for("plates.batch", batch_id=issued.batch_id), code=303)


def _act(record: Callable[[Session], str], page: Callable[[], Response], back: str) -> AnyResponse:
    try:
        with transaction(this_house().engine) as session:
            told = record(session)
    except HouseError as refusal:
        return refused(refusal, page)
    flash(told, "done")
    return redirect(back, code=303)


def _may_change() -> bool:
    return Role.EDITOR.value in signed_in().roles


def _missing_wait(session: Session, _name: str, _now: object) -> Waiting:
    return Waiting(missing_plates(session))


def _outdated_wait(session: Session, _name: str, _now: object) -> Waiting:
    on: date = today()
    address = settings_on(session, on).optional_text("public_address")
    return Waiting(len(outdated_plates(session, address)) if address else 0)


_EDITORS = frozenset({Role.EDITOR.value})
declare_duty(Duty("检查发现不在的公示牌", "plates.plates", _EDITORS, _missing_wait))
declare_duty(Duty("印着旧网址的公示牌", "plates.plates", _EDITORS, _outdated_wait))
