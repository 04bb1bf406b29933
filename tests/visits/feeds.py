"""Small made-up LIVES feeds for tests, and how they are imported."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from inspections.visits.lives_importing import LivesImported, import_feed

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

BUSINESSES = "business_id,name,address,city,state,postal_code,latitude,longitude,phone_number\n"
INSPECTIONS = "business_id,score,date,type\n"
VIOLATIONS = "business_id,date,description\n"
LEGEND = (
    "Minimum_Score,Maximum_Score,Description\n"
    "0,70,Poor\n71,85,Needs Improvement\n86,90,Adequate\n91,100,Good\n"
)


def feed_of(folder: Path, **files: str | bytes) -> Path:
    """A small feed; the files given replace or add to it."""
    content: dict[str, str | bytes] = {
        "businesses": BUSINESSES
        + '1,Cafe One,1 Main St,Town,CA,94104,37.79,-122.4,+14155550100\n2,"Bar ""B""",,,,,,,\n',
        "inspections": INSPECTIONS + "1,94,20140729,routine\n1,100,20150101,followUp\n",
        "violations": VIOLATIONS
        + "1,20140729,Improper food storage  [ date violation corrected: 8/7/2014 ]\n"
        + "1,20140729,High risk vermin infestation\n",
        "legend": LEGEND,
        **files,
    }
    folder.mkdir(exist_ok=True)
    for name, body in content.items():
        if body != "":
            (folder / f"{name}.csv").write_bytes(body.encode() if isinstance(body, str) else body)
    return folder


def imported(database: Engine, feed: Path, tmp_path: Path) -> LivesImported:
    return import_feed(database, feed, on=TODAY, now=NOW, actor="甲", reports=tmp_path / "reports")


def counts_of(done: LivesImported) -> dict[str, tuple[int, int, int]]:
    """Rows, loaded and named of each file; they add up."""
    assert all(one.rows == one.loaded + one.named for one in done.files)
    return {one.name: (one.rows, one.loaded, one.named) for one in done.files}
