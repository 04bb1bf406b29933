"""Use cases of the demonstration: fill an empty database with the made-up district."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from sqlalchemy import Engine

from inspections.campaigns.planning import make_plan
from inspections.campaigns.revealing import SCHEDULE
from inspections.record.audit import write_audit
from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.service import load_seeds
from inspections.units.search_keys import fill_search_keys
from inspections.visits.grading_run import grade_units
from publishing.demonstration.district import District, build_district, successors
from publishing.demonstration.queries import (
    PROGRESS,
    begun_on,
    note_steps_done,
    refuse_other_data,
    steps_done,
    told,
)
from publishing.demonstration.staff import (
    DEMONSTRATION_BEGUN,
    PROGRAM,
    keep_password,
    keep_recovery_key,
    open_bureau,
)
from publishing.demonstration.steps import Teller
from publishing.demonstration.timeline import Step, timeline

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SeedSummary:
    """What a seeding left in the database; `changed` is no where everything was there already."""

    on: date
    units: int
    visits: int
    editions: int
    entries: int
    changed: bool


def seed_demonstration(
    engine: Engine,
    data: Path,
    *,
    now: datetime,
    public_address: str | None = None,
    progress: Progress | None = None,
) -> SeedSummary:
    """Fill an empty database with the demonstration district of this day.

    What was begun on an earlier day and not finished is finished as of that day; a finished
    demonstration is left as it is.
    """
    with read_only(engine) as session:
        on = begun_on(session) or civil_day(now)
        refuse_other_data(session)
        done = steps_done(session)
    district = build_district(on)
    # Finished on a later day, the story still ends on the day on which it began.
    last = now if civil_day(now) == on else datetime.combine(on, time(15), UTC)
    steps = timeline(district, last)
    if done is None:
        return _summary(engine, district, changed=False)
    if done == 0:
        _begin(engine, district, data, public_address=public_address, now=now)
    house = House(Configuration(data=data), engine)
    _carry_out(Teller(house, district), steps, done, progress)
    grade_units(engine, on=on, now=last, everything=True)
    with transaction(engine) as session:
        fill_search_keys(session)
        make_plan(session, on.year, actor=SCHEDULE, now=last)
        note_steps_done(session, None)
    return _summary(engine, district, changed=True)


def _begin(
    engine: Engine, district: District, data: Path, *, public_address: str | None, now: datetime
) -> None:
    password = keep_password(data)
    first_day = district.story.first_day
    opened_at = datetime.combine(first_day, time(0), UTC)
    with transaction(engine) as session:
        refuse_other_data(session)
        if begun_on(session) is not None:
            return
        fields = {"on": district.on.isoformat(), "kind": "district"}
        write_audit(session, DEMONSTRATION_BEGUN, actor=PROGRAM, now=opened_at, fields=fields)
        load_seeds(session, actor=PROGRAM, now=opened_at)
        open_bureau(
            session, password=password, public_address=public_address, from_on=first_day, now=opened_at
        )
        keep_recovery_key(session, data, password=password, now=opened_at)
        # Last: from the mark on, nobody gives the made-up bureau another name.
        set_mark(session, DEMONSTRATION, now=now, note=district.on.isoformat())
        set_mark(session, PROGRESS, now=now, note="0")


def _carry_out(teller: Teller, steps: list[Step], done: int, progress: Progress | None) -> None:
    for count, step in enumerate(steps, start=1):
        if count > done:
            teller.carry_out(step, count)
        if progress is not None:
            progress(count, len(steps))


def _summary(engine: Engine, district: District, *, changed: bool) -> SeedSummary:
    story = district.story
    with read_only(engine) as session:
        visits, editions, entries = told(session)
    return SeedSummary(
        on=district.on,
        units=len(story.settled) + len(story.loads[-1].units) + successors(story),
        visits=visits,
        editions=editions,
        entries=entries,
        changed=changed,
    )
