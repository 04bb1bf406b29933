"""Promises of the fingerprint that makes every page due: it covers whatever words a page."""

import sys
from pathlib import Path

import pytest

import publishing.site.service  # noqa: F401  # with everything that it imports
from inspections.record.configuration import PACKAGE_ROOT
from publishing.site.terms import fingerprint_of, shaping_files

ROOMS = {"publishing", "inspections", "grading"}


def test_every_module_that_a_publication_imports_counts() -> None:
    files = set(shaping_files())
    loaded = [module for name, module in sys.modules.items() if name.partition(".")[0] in ROOMS]
    paths = {Path(module.__file__).resolve() for module in loaded if module.__file__}
    assert PACKAGE_ROOT / "inspections" / "units" / "holders.py" in paths
    assert paths <= files


@pytest.mark.parametrize(
    "changed",
    [
        "templates/public/home.html",
        "inspections/units/words.py",
        "inspections/visits/queries.py",
        "grading/explaining.py",
        "publishing/plates/ending.py",
        "seeds/register/unit_types.toml",
    ],
)
def test_a_change_of_what_words_a_page_changes_the_fingerprint(tmp_path: Path, changed: str) -> None:
    assert PACKAGE_ROOT / changed in shaping_files()
    path = tmp_path / changed
    path.parent.mkdir(parents=True)
    path.write_text("before", encoding="utf-8")
    before = fingerprint_of(tmp_path)
    path.write_text("after", encoding="utf-8")
    assert fingerprint_of(tmp_path) != before
