"""Import a file of really published editions into a directory of its own and print what became of it.

`python -m bench.import_real_editions FILE` prints one JSON line: records, entries, what the report says,
and how many entries a preview inside their term shows by name.
"""

import json
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine

from bench.results import keep
from inspections.record.database import open_database, read_only, transaction
from inspections.record.migrate import migrate
from inspections.record.settings import set_setting
from publishing.editions.importing import import_editions_file
from publishing.editions.queries import public_editions

ACTOR = "bench"


def main() -> int:
    """Import twice, preview each edition on its own day, print the counts."""
    source = Path(sys.argv[1])
    folder = Path(tempfile.mkdtemp(prefix="editions-"))
    engine = open_database(f"sqlite:///{folder / 'editions.sqlite'}")
    migrate(engine)
    now = datetime.now(UTC)  # noqa: TID251  # the day of the measurement
    with transaction(engine) as session:
        for key, days in (("red_term_days", "180"), ("black_term_days", "90")):
            set_setting(session, key=key, value=days, from_on=now.date(), actor=ACTOR, now=now)
    first = import_editions_file(engine, source, actor=ACTOR, now=now, reports=folder)
    second = import_editions_file(engine, source, actor=ACTOR, now=now, reports=folder)
    shown = _shown_on_their_days(engine, now.date())
    counts = {
        "records": first.records, "editions": first.editions, "new": first.new, "bad": first.bad,
        "entries": first.entries, "bad_entries": first.bad_entries, "notices": len(first.faults),
        "without_day": first.without_day, "second_run_unchanged": second.unchanged,
        "second_run_new": second.new + second.changed, **shown,
    }  # fmt: skip
    print(json.dumps(counts, ensure_ascii=False))
    whole = (first.records, first.editions, first.entries)
    figure: dict[str, object] = {
        "name": "real editions",
        "what": "41 really published editions with 196 entries: imported, imported again, previewed",
        "goal_words": "all of them, nothing dropped",
        "met": whole == (41, 41, 196) and first.bad == first.bad_entries == 0,
        "note": "; ".join(f"{name} {count}" for name, count in counts.items()),
    }
    keep("import_real_editions", [figure], "python -m bench.import_real_editions FILE")
    engine.dispose()
    shutil.rmtree(folder)
    return 0 if first.bad == first.bad_entries == 0 else 1


def _shown_on_their_days(engine: Engine, today: date) -> dict[str, int]:
    with read_only(engine) as session:
        days = {
            edition.facts.published_on: 0 for edition in public_editions(session, on=today, is_preview=True)
        }
        dated = previewed = named = 0
        for day in days:
            if day is None:
                continue
            for edition in public_editions(session, on=day, is_preview=True):
                if edition.facts.published_on == day:
                    dated += 1
                    previewed += len(edition.facts.entries)
                    named += sum(entry.name is not None for entry in edition.facts.entries)
    return {"with_day": dated, "entries_in_previews": previewed, "named_in_previews": named}


if __name__ == "__main__":
    raise SystemExit(main())
