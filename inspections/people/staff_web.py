"""The administrator's pages: accounts with their roles and certificates, and the dated settings."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.recovery import make_recovery_key, recovery_key
from inspections.people.service import ROLE_WORDS, add_account, revoke_account
from inspections.people.staffing import (
    account_named,
    members,
    open_sessions,
    record_training,
    recusals_in_force,
    reset_password,
    revoke_session,
    set_certificate,
    set_roles,
    training_of,
)
from inspections.people.tables import Role
from inspections.people.tablets import (
    make_enrolment,
    open_enrolments,
    revoke_tablet,
    tablet_lines,
    withdraw_enrolment,
)
from inspections.people.totp import turn_off
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.own_files import own_kinds, own_names, put_own_file, sample_of
from inspections.record.settings import KINDS, notices_after, set_setting, setting_history, settings_on
from inspections.surface.forms import (
    FormError,
    day_of,
    decimal_of,
    number_of,
    optional_day_of,
    optional_text_of,
    text_of,
)
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.surface.uploads import uploaded

staff_pages = Blueprint("staff", __name__, url_prefix="/desk")

OWN_FILE_PUT = declare_event("own_file_put", "name", "sha256")
ROLE_CHOICES = tuple((role.value, word) for role, word in ROLE_WORDS.items())


@staff_pages.get("/people")
def people() -> Response:
    """Everybody with roles, certificate, training and what lacks."""
    on = today()
    with read_only(this_house().engine) as session:
        rows = members(session, on)
        target = settings_on(session, on).count("training_hours_target")
    return staff_page("people.html", rows=rows, on=on, target=target, roles=ROLE_CHOICES)


@staff_pages.post("/people")
def person_added() -> AnyResponse:
    """Add an account."""
    actor, now = signed_in().name, utc_now()
    try:
        name, password = text_of("name", "姓名", longest=40), request.form.get("password", "")
        roles = _roles()
        number = optional_text_of("certificate_number", "执法证号", longest=40)
        until_on = optional_day_of("certificate_until_on", "执法证有效期至")
        with transaction(this_house().engine) as session:
            add_account(session, name=name, password=password, roles=roles, actor=actor, now=now)
            if number:
                set_certificate(session, name, number=number, until_on=until_on, actor=actor, now=now)
    except HouseError as refusal:
        return refused(refusal, people)
    flash(f"已增加账号“{name}”。", "done")
    return redirect(url_for("staff.person", name=name), code=303)


@staff_pages.get("/people/<name>")
def person(name: str) -> Response:
    """One member of the staff: everything that an administrator may change."""
    on, now = today(), utc_now()
    with read_only(this_house().engine) as session:
        row = account_named(session, name)
        account_id = row.id or 0
        member = next(one for one in members(session, on) if one.account_id == account_id)
        return staff_page(
            "person.html",
            member=member,
            roles=ROLE_CHOICES,
            recusals=recusals_in_force(session, account_id, on),
            training=training_of(session, account_id, on.year),
            sessions=open_sessions(session, account_id, now),
            target=settings_on(session, on).count("training_hours_target"),
            on=on,
        )


@staff_pages.post("/people/<name>")
def person_changed(name: str) -> AnyResponse:
    """One change of one member of the staff; the form says which."""
    act = _ACTS.get(request.form.get("act", ""))
    try:
        if act is None:
            raise FormError("看不出要做什么；请从人员页重新进入。没有改动。")
        with transaction(this_house().engine) as session:
            told = act(session, name, signed_in().name, utc_now())
    except HouseError as refusal:
        return refused(refusal, lambda: person(name))
    flash(told, "done")
    if request.form.get("act") == "revoke":
        return redirect(url_for("staff.people"), code=303)
    return redirect(url_for("staff.person", name=name), code=303)


@staff_pages.get("/settings")
def settings() -> Response:
    """Every setting: its value today, and the values before and after with their days."""
    with read_only(this_house().engine) as session:
        in_force = settings_on(session, today())
        history = setting_history(session)
    rows = [
        (key, kind, in_force.values.get(key), [one for one in history if one.key == key])
        for key, kind in KINDS.items()
    ]
    choices = [(key, kind.label) for key, kind in KINDS.items()]
    chosen = request.args.get("key", "")
    return staff_page(
        "settings.html",
        rows=rows,
        on=today(),
        choices=choices,
        chosen=chosen,
        kinds=own_kinds(),
        own=own_names(),
    )


@staff_pages.get("/settings/files/<kind>")
def own_file_sample(kind: str) -> Response:
    """A shipped file of a kind, to write one's own after."""
    sample = sample_of(kind)
    if sample is None:
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="{sample.name}"'}
    return Response(sample.read_bytes(), content_type="application/toml; charset=utf-8", headers=headers)


@staff_pages.post("/settings/files")
def own_file_put() -> AnyResponse:
    """Put in a file of the bureau's own, such as the calendar of a year."""
    try:
        with uploaded("file", "文件") as path:
            name, sha256 = put_own_file(request.form.get("kind", ""), path)
        with transaction(this_house().engine) as session:
            fields = {"name": name, "sha256": sha256}
            write_audit(session, OWN_FILE_PUT, actor=signed_in().name, now=utc_now(), fields=fields)
    except HouseError as refusal:
        return refused(refusal, settings)
    flash(f"已放入 {name}；以前的一份保留。", "done")
    return redirect(url_for("staff.settings") + "#files", code=303)


@staff_pages.post("/settings")
def setting_put() -> AnyResponse:
    """Record a value from a day on."""
    try:
        key, value = text_of("key", "设置", longest=60), text_of("value", "值")
        from_on = day_of("from_on", "自哪一天起")
        with transaction(this_house().engine) as session:
            read = set_setting(
                session, key=key, value=value, from_on=from_on, actor=signed_in().name, now=utc_now()
            )
            lines = notices_after(session, key, from_on)
    except HouseError as refusal:
        return refused(refusal, settings)
    flash(f"已记录：自 {from_on} 起，{KINDS[key].label} = {read}。", "done")
    for line in lines:
        flash(line, "wait")
    return redirect(url_for("staff.settings"), code=303)


@staff_pages.get("/tablets")
def tablets() -> Response:
    """Every tablet: when it was last heard from, what it still held, and the recovery key in use."""
    with read_only(this_house().engine) as session:
        return _tablets_page(session)


@staff_pages.post("/tablets")
def tablet_code() -> AnyResponse:
    """A one-time code with which a new tablet registers itself; it is shown once, on this answer only."""
    try:
        label = text_of("label", "平板名称", longest=40)
        with transaction(this_house().engine) as session:
            code = make_enrolment(session, label=label, actor=signed_in().name, now=utc_now())
            return _tablets_page(session, code=code, label=label)
    except HouseError as refusal:
        return refused(refusal, tablets)


def _tablets_page(session: Session, *, code: str | None = None, label: str = "") -> Response:
    return staff_page(
        "tablets.html",
        rows=tablet_lines(session),
        key=recovery_key(session),
        waiting=open_enrolments(session, utc_now()),
        code=code,
        label=label,
    )


@staff_pages.post("/tablets/codes/<int:enrolment_id>/withdraw")
def tablet_code_withdrawn(enrolment_id: int) -> AnyResponse:
    """Let a code that no tablet has used end now."""
    try:
        with transaction(this_house().engine) as session:
            label = withdraw_enrolment(session, enrolment_id, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, tablets)
    flash(f"“{label}”的登记码已作废。", "done")
    return redirect(url_for("staff.tablets"), code=303)


@staff_pages.post("/tablets/recovery-key")
def recovery_key_made() -> AnyResponse:
    """A new recovery key: its private half goes to the administrator as a file, and is kept nowhere here."""
    try:
        passphrase = request.form.get("passphrase", "")
        if passphrase != request.form.get("again", ""):
            raise FormError("两次输入的口令不一样；没有生成密钥，请重新输入。")
        with transaction(this_house().engine) as session:
            content = make_recovery_key(session, passphrase=passphrase, actor=signed_in().name, now=utc_now())
            made = recovery_key(session)
    except HouseError as refusal:
        return refused(refusal, tablets)
    # Which file belongs to the key in use is told by its name: a download may be lost, or made twice.
    name = f"recovery-key-{made.short if made else ''}.pem"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype="application/x-pem-file", headers=headers)


@staff_pages.post("/tablets/<int:tablet_id>/revoke")
def tablet_revoked(tablet_id: int) -> AnyResponse:
    """Shut a lost tablet out."""
    try:
        with transaction(this_house().engine) as session:
            revoke_tablet(session, tablet_id, actor=signed_in().name, now=utc_now())
    except HouseError as refusal:
        return refused(refusal, tablets)
    flash("已停用；平板上没有上传的内容，可由管理员从它的导出文件打开。", "done")
    return redirect(url_for("staff.tablets"), code=303)


def _roles() -> list[Role]:
    known = {role.value for role in Role}
    chosen = request.form.getlist("roles")
    if not set(chosen) <= known:
        raise FormError("选了不存在的角色；请刷新页面后再选。")
    return [Role(value) for value in chosen]


def _certificate(session: Session, name: str, actor: str, now: datetime) -> str:
    number = text_of("certificate_number", "执法证号", longest=40)
    until_on = optional_day_of("certificate_until_on", "执法证有效期至")
    set_certificate(session, name, number=number, until_on=until_on, actor=actor, now=now)
    return "已更新执法证。"


def _set_roles(session: Session, name: str, actor: str, now: datetime) -> str:
    set_roles(session, name, _roles(), actor=actor, now=now)
    return "已更新角色。"


def _reset_password(session: Session, name: str, actor: str, now: datetime) -> str:
    reset_password(session, name, new=request.form.get("password", ""), actor=actor, now=now)
    return "已设新密码；这个账号的所有登录都已结束。"


def _training(session: Session, name: str, actor: str, now: datetime) -> str:
    record_training(
        session,
        name,
        held_on=day_of("held_on", "培训日期"),
        hours=decimal_of("hours", "学时"),
        subject=text_of("subject", "培训内容", longest=200),
        actor=actor,
        now=now,
    )
    return "已记录培训。"


def _session_ended(session: Session, name: str, actor: str, now: datetime) -> str:
    account_id = account_named(session, name).id or 0
    revoke_session(session, account_id, number_of("session_id", "登录", least=1), actor=actor, now=now)
    return "已结束这个登录。"


def _totp_off(session: Session, name: str, actor: str, now: datetime) -> str:
    turn_off(session, account_named(session, name), actor=actor, now=now)
    return "已停用动态码。"


def _revoke(session: Session, name: str, actor: str, now: datetime) -> str:
    revoke_account(session, name=name, actor=actor, now=now)
    return f"已停用账号“{name}”；它作过的决定保留。"


_ACTS: dict[str, Callable[[Session, str, str, datetime], str]] = {
    "certificate": _certificate,
    "roles": _set_roles,
    "password": _reset_password,
    "training": _training,
    "session_ended": _session_ended,
    "totp_off": _totp_off,
    "revoke": _revoke,
}
