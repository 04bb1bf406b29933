"""The files of a print: sheets for the printer's shop and the list that goes with them."""

from collections.abc import Sequence
from pathlib import Path

from inspections.record.configuration import Configuration
from publishing.plates.contents import write_contents
from publishing.plates.forms import PrintForm
from publishing.plates.pdf import PlatePrint, Progress, write_plate_pdfs
from publishing.plates.plate import PlateFacts


def batch_folder(configuration: Configuration, batch_id: int) -> Path:
    """Where a print's files lie unless somebody wants them elsewhere; the desk offers them from there."""
    return configuration.data / "plates" / f"batch-{batch_id}"


def batch_file(batch_id: int) -> str:
    """What a print's file is called."""
    return f"plates-{batch_id}.pdf"


def write_print(
    plates: Sequence[PlateFacts],
    target: Path,
    *,
    form: PrintForm,
    batch_id: int,
    progress: Progress = lambda _done: None,
) -> list[Path]:
    """Write the sheets and both lists of a print; each file appears whole or not at all."""
    printed = PlatePrint(form=form, slug=f"公示牌第 {batch_id} 批")
    files = write_plate_pdfs(plates, target, printed=printed, progress=progress)
    return [*files, *write_contents(plates, form, files)]
