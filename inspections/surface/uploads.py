"""A file that a form brought: on the disk while one use case reads it, under its own name, and gone after."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import request
from werkzeug.utils import secure_filename

from inspections.surface.forms import FormError

LARGEST_UPLOAD = 50 * 1024 * 1024


@contextmanager
def uploaded(field: str, label: str, *, cure: str = "请分成几个文件") -> Iterator[Path]:
    """The file of a form's field; refused where there is none, or where it is too large, with the cure."""
    file = request.files.get(field)
    if file is None or not file.filename:
        raise FormError(f"没有选择{label}；请选择文件后再提交。")
    with tempfile.TemporaryDirectory() as folder:
        suffix = Path(file.filename).suffix.lower()
        # The name people know stays, as far as it is safe on a disk.
        path = Path(folder) / (secure_filename(file.filename) or f"upload{suffix}")
        if path.suffix.lower() != suffix:
            path = path.with_name(f"upload{suffix}")
        file.save(path)
        if path.stat().st_size > LARGEST_UPLOAD:
            raise FormError(f"{label}超过 50 MB；{cure}。")
        yield path
