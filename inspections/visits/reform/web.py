"""The desk's page that shows a reform before it happens; nothing that is sent here is kept."""

import io
import tempfile
from pathlib import Path

from flask import Blueprint, Response, request, send_file
from werkzeug.utils import secure_filename

from grading.errors import GradingError
from grading.holdings import PURPOSES
from inspections.record.clock import today
from inspections.record.database import read_only
from inspections.record.errors import HouseError
from inspections.rulebooks.drafts import draft_at
from inspections.rulebooks.queries import canonical_text, newest_rulebook, schemes_known
from inspections.surface.forms import FormError, day_of, optional_text_of
from inspections.surface.staff import refused, staff_page, this_house
from inspections.visits.reform.preview import DIMENSIONS, KIND_NAMES, PURPOSE_NAMES, Preview, preview
from inspections.visits.reform.report import heading, summary, write_workbook
from inspections.visits.reform.span import KINDS

reform_pages = Blueprint("reform", __name__, url_prefix="/desk/rules/preview")

ROWS_SHOWN = 200
MOST_FILES = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@reform_pages.get("/")
def form() -> Response:
    """Which draft, from which day."""
    return _page(None)


@reform_pages.post("/")
def previewed() -> Response:
    """What the draft would change, as a page or a workbook."""
    try:
        on = day_of("on", "从哪一天起改用")
        purposes = [purpose for purpose in request.form.getlist("purposes") if purpose in PURPOSES]
        # Within a server no further processes are started; at 100,000 units this takes about half a minute.
        found = preview(this_house().engine, text=_text(), on=on, purposes=purposes, processes=0)
    except (HouseError, GradingError) as refusal:
        return refused(refusal, lambda: _page(None))
    return _workbook(found) if request.form.get("as") == "xlsx" else _page(found)


def _text() -> str:
    """The canonical text of the files that were sent, or of the stored scheme that was chosen."""
    files = [file for file in request.files.getlist("files") if file.filename]
    scheme = optional_text_of("scheme", "已载入的规则")
    if scheme is not None and not files:
        with read_only(this_house().engine) as session:
            return canonical_text(session, scheme)
    if not files:
        raise FormError("没有选择草稿的文件，也没有选择已载入的规则；请选择其中一样。")
    if len(files) > MOST_FILES:
        raise FormError(f"一次最多 {MOST_FILES} 个文件；请只选这部规则的 .yaml 文件。")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "draft"
        folder.mkdir()
        for number, file in enumerate(files):
            name = secure_filename(file.filename or "")
            # Names in Chinese have no safe form on a disk.
            file.save(folder / (name if name.endswith(".yaml") and name != ".yaml" else f"{number}.yaml"))
            file.close()
        return draft_at(folder).text


def _workbook(found: Preview) -> Response:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "preview.xlsx"
        write_workbook(path, found)
        content = io.BytesIO(path.read_bytes())
    return send_file(
        content, mimetype=XLSX, as_attachment=True, download_name=f"{found.draft.scheme}-{found.on}.xlsx"
    )


def _page(found: Preview | None) -> Response:
    with read_only(this_house().engine) as session:
        names = schemes_known(session)
        titles = [newest_rulebook(session, name).rulebook.title_zh for name in names]
    return staff_page(
        "reform.html",
        found=found,
        heading=heading(found) if found else "",
        summary=summary(found) if found else "",
        on=request.form.get("on") or today().isoformat(),
        schemes=[("", "（用上面的文件）"), *zip(names, titles, strict=True)],
        chosen=request.form.get("scheme", ""),
        purposes=list(PURPOSE_NAMES.items()),
        chosen_purposes=request.form.getlist("purposes"),
        kinds=KINDS,
        names=KIND_NAMES,
        dimensions=DIMENSIONS,
        rows_shown=ROWS_SHOWN,
    )
