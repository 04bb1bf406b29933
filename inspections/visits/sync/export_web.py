"""The administrator's page of exports: opens what a tablet exported whose PIN or access is lost."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from sqlmodel import col, select
from werkzeug.wrappers import Response as AnyResponse

from inspections.people.recovery import open_export, recovery_key
from inspections.people.tables import ExportOpening, Tablet
from inspections.record.clock import utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.surface.forms import FormError, text_of
from inspections.surface.guard import signed_in
from inspections.surface.staff import refused, staff_page, this_house
from inspections.surface.uploads import uploaded
from inspections.visits.sync.exports import take_export

export_pages = Blueprint("exports", __name__, url_prefix="/desk/tablets/exports")

_LARGEST_KEY = 64 * 1024
_SHOWN_OPENINGS, _SHOWN_REFUSALS = 50, 20


@export_pages.get("")
def exports() -> Response:
    """The form, and who opened what when and why."""
    query = select(ExportOpening, Tablet.label).join(Tablet, col(Tablet.id) == col(ExportOpening.tablet_id))
    newest = query.order_by(col(ExportOpening.id).desc()).limit(_SHOWN_OPENINGS)
    with read_only(this_house().engine) as session:
        openings, key = session.exec(newest).all(), recovery_key(session)
    return staff_page("exports.html", openings=openings, key=key)


@export_pages.post("")
def export_opened() -> AnyResponse:
    """Open an export with the recovery key; neither the key nor its passphrase is kept anywhere."""
    actor, now = signed_in().name, utc_now()
    try:
        reason = text_of("reason", "理由", longest=200)
        cure = "请在服务器上用命令 people open-export 打开"
        with uploaded("export", "导出文件", cure=cure) as path, transaction(this_house().engine) as session:
            opened = open_export(
                session,
                path.read_bytes(),
                _key(),
                request.form.get("passphrase", ""),
                reason=reason,
                actor=actor,
                now=now,
            )
        taken = take_export(this_house(), opened, now=now)
    except HouseError as refusal:
        return refused(refusal, exports)
    flash(
        f"“{opened.account_name}”的平板：收下 {taken.changes} 条记录、{taken.photos} 个照片或签名。", "done"
    )
    for line in taken.refused[:_SHOWN_REFUSALS]:
        flash(f"没有收下 {line}", "wait")
    if len(taken.refused) > _SHOWN_REFUSALS:
        flash(f"另有 {len(taken.refused) - _SHOWN_REFUSALS} 条没有收下。", "wait")
    return redirect(url_for("exports.exports"), code=303)


def _key() -> bytes:
    """The key file, read without ever lying on a disk."""
    file = request.files.get("key")
    content = b"" if file is None else file.stream.read(_LARGEST_KEY + 1)
    if not content or len(content) > _LARGEST_KEY:
        raise FormError("没有选择恢复密钥文件，或文件不是恢复密钥；请选择 recovery-key-….pem。没有打开。")
    return content
