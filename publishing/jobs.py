"""The table of scheduled work. Each job is safe when run twice, in two processes, or killed anywhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inspections.campaigns.planning import make_plan
from inspections.campaigns.revealing import reveal_finished
from inspections.inbox.exchange.service import exchange
from inspections.inbox.store import INBOX, open_inbox
from inspections.record.clock import PEOPLE_ZONE, civil_day, utc_now
from inspections.record.database import transaction
from inspections.record.errors import HouseError
from inspections.record.house import House
from inspections.record.jobs import claim_period, end_period
from inspections.record.migrate import migrate
from inspections.units.messages.sending import send_waiting
from inspections.units.search_keys import fill_search_keys
from inspections.visits.grading_run import grade_units
from inspections.visits.review.service import remind_overdue
from inspections.visits.service import release_revealed
from publishing.editions.service import publish_approved
from publishing.site.service import publish

Counts = Mapping[str, int]


class JobError(HouseError):
    """There is no such job."""


@dataclass(frozen=True)
class Job:
    """One row of the table: what it is called, when it runs (for people, for APScheduler), what it does."""

    name: str
    label: str
    when: str
    schedule: Mapping[str, str | int]
    period: str
    every: timedelta
    stale_after: timedelta
    run: Callable[[House, datetime], Counts]


def _grade(house: House, now: datetime) -> Counts:
    summary = grade_units(house.engine, on=civil_day(now), now=now, everything=True)
    return {"units": summary.units, "changed": summary.changed}


def _search_keys(house: House, now: datetime) -> Counts:
    with transaction(house.engine) as session:
        return {"units": fill_search_keys(session)}


def _editions(house: House, now: datetime) -> Counts:
    return {"editions": publish_approved(house.engine, now)}


def _plan(house: House, now: datetime) -> Counts:
    """This year's plan, and from its last month on the next one's."""
    today = civil_day(now)
    years = {today.year, (today + timedelta(days=31)).year}
    added = dropped = 0
    for year in sorted(years):
        with transaction(house.engine) as session:
            made = make_plan(session, year, actor=SCHEDULE, now=now)
        added, dropped = added + made.added + made.restored, dropped + made.dropped
    return {"added": added, "dropped": dropped}


def _reveal(house: House, now: datetime) -> Counts:
    """Campaigns whose last visit is closed; with them their visits begin to count."""
    campaigns = reveal_finished(house.engine, now)
    with transaction(house.engine) as session:
        visits = release_revealed(session, now)
    if visits:
        grade_units(house.engine, on=civil_day(now), now=now)
    return {"campaigns": campaigns, "visits": visits}


def _inbox(house: House, now: datetime) -> Counts:
    """Copies in, entries out; a house that nobody has migrated an Inbox for makes its own."""
    inbox = open_inbox(house.configuration.effective_inbox_url)
    migrate(inbox, schema=INBOX)
    done = exchange(house.engine, inbox, house.configuration, now)
    return {"campaigns": done.campaigns, "views": done.views, "entries": done.entries}


def _remind(house: House, now: datetime) -> Counts:
    with transaction(house.engine) as session:
        return {"letters": remind_overdue(session, civil_day(now), now)}


def _texts(house: House, now: datetime) -> Counts:
    """Text messages that announce letters; without a gateway there are none."""
    done = send_waiting(house.engine, house.configuration.sms_token, now)
    return {"sent": done.sent, "failed": done.failed}


def _site(house: House, now: datetime) -> Counts:
    published = publish(house, now=now)
    return {"written": published.written, "removed": published.removed}


_TWO, _FIVE, _TEN, _HALF_HOUR = (timedelta(minutes=count) for count in (2, 5, 10, 30))
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
SCHEDULE = "定时任务"

JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job(
            "grade",
            "评定风险等级",
            "每天 1:30",
            {"hour": 1, "minute": 30},
            "%Y-%m-%d",
            _DAY,
            timedelta(hours=6),
            _grade,
        ),
        # After the grading, which says by when each unit's next visit is due.
        Job(
            "plan",
            "更新检查计划",
            "每天 3:00",
            {"hour": 3, "minute": 0},
            "%Y-%m-%d",
            _DAY,
            timedelta(hours=6),
            _plan,
        ),
        Job(
            "search-keys",
            "补拼音检索",
            "每小时第 5 分",
            {"minute": 5},
            "%Y-%m-%dT%H",
            _HOUR,
            _HALF_HOUR,
            _search_keys,
        ),
        # Before the site: an edition approved in the morning is on the site within the same half hour.
        Job(
            "editions",
            "公示已审批的榜单",
            "每小时整点和半点",
            {"minute": "0,30"},
            "%Y-%m-%dT%H:%M",
            _HALF_HOUR,
            _HALF_HOUR,
            _editions,
        ),
        Job(
            "inbox",
            "与收件箱交换",
            "每 2 分钟",
            {"minute": "*/2"},
            "%Y-%m-%dT%H:%M",
            _TWO,
            _HALF_HOUR,
            _inbox,
        ),
        Job(
            "remind",
            "逾期未改正的催办",
            "每天 7:30",
            {"hour": 7, "minute": 30},
            "%Y-%m-%d",
            _DAY,
            timedelta(hours=6),
            _remind,
        ),
        Job(
            "texts",
            "发送短信提醒",
            "每 5 分钟",
            {"minute": "*/5"},
            "%Y-%m-%dT%H:%M",
            _FIVE,
            _HALF_HOUR,
            _texts,
        ),
        # Before the site, too: a campaign whose last visit is closed is revealed within minutes.
        Job(
            "reveal",
            "公布抽取名单",
            "每 10 分钟",
            {"minute": "*/10"},
            "%Y-%m-%dT%H:%M",
            _TEN,
            _HALF_HOUR,
            _reveal,
        ),
        Job(
            "site",
            "更新公示网站",
            "每 10 分钟",
            {"minute": "*/10"},
            "%Y-%m-%dT%H:%M",
            _TEN,
            _HALF_HOUR,
            _site,
        ),
    )
}


_COUNTED = {
    "units": "单位",
    "changed": "有变化",
    "editions": "公示的期",
    "written": "写了的页",
    "removed": "撤下的页",
    "campaigns": "抽查",
    "visits": "检查记录",
    "views": "单位页",
    "entries": "收件",
    "letters": "催办函",
    "sent": "发出的短信",
    "failed": "没有发出的短信",
    "added": "新增的任务",
    "dropped": "撤销的任务",
}


def counts_in_words(counts: Counts) -> str:
    """What a run did, as people read it."""
    return "，".join(f"{_COUNTED[name]} {count}" for name, count in counts.items())


def run_job(house: House, name: str, *, now: datetime | None = None, by_hand: bool = False) -> Counts | None:
    """Run a job for its present period; `None` when that period is done or another process is at it."""
    job = JOBS.get(name)
    if job is None:
        raise JobError(f"没有叫“{name}”的任务；可用的有：{'、'.join(JOBS)}。")
    instant = now or utc_now()
    local = instant.astimezone(PEOPLE_ZONE)
    # Run by hand, the same code runs beside the schedule, as a period of its own.
    period = local.isoformat(timespec="microseconds") if by_hand else local.strftime(job.period)
    run_id = claim_period(house.engine, job=name, period=period, now=instant, stale_after=job.stale_after)
    if run_id is None:
        return None
    try:
        counts = job.run(house, instant)
    except BaseException as error:
        said = str(error) if isinstance(error, HouseError) else f"{type(error).__name__}: {error}"
        end_period(house.engine, run_id, now=utc_now(), counts={}, error=said)
        raise
    end_period(house.engine, run_id, now=utc_now(), counts=counts)
    return counts
