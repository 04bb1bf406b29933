"""The use case of committing: the pool is closed, the roster frozen, and only hashes become public."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from inspections.campaigns.assigning import RandomBytes, first_closed_on
from inspections.campaigns.drawing.canonical import DrawError
from inspections.campaigns.drawing.commitments import NONCE_BYTES, BarredPair, nonce_commitment
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.roster import TEAM, Roster, RosterTerms, make_roster
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.pool import InspectorOnDuty, PoolUnit, inspectors_on, pool_of
from inspections.campaigns.rules import StrataRule, read_pool_rule, read_strata_rule, require_public_facts
from inspections.campaigns.service import campaign_of
from inspections.campaigns.stored_draws import Private, append_event, instant
from inspections.campaigns.tables import Campaign, CampaignState, Draw
from inspections.campaigns.terms import reveal_terms
from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.clock import PEOPLE_ZONE, civil_day
from inspections.record.command_line import CLI
from inspections.record.marks import is_demonstration
from inspections.record.settings import settings_on

DRAW_COMMITTED = declare_event(
    "draw_committed", "campaign", "draw", "roster_sha256", "nonce_sha256", "source", "value_at"
)

# The site is written every ten minutes: commitments must stand there before the value can be known.
PUBLIC_BEFORE = timedelta(minutes=30)
_NUMBER_DIGITS = 6


@dataclass(frozen=True)
class Announcement:
    """Where the public value will come from, and when it will be known."""

    source: str
    at: datetime


@dataclass(frozen=True)
class Committed:
    """What a commitment made public."""

    number: int
    roster_sha256: str
    nonce_sha256: str
    units: int


def commit(
    session: Session,
    key: str,
    announcement: Announcement,
    *,
    actor: str,
    now: datetime,
    accounts: Collection[int] | None = None,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> Committed:
    """Close the pool and commit to the roster and a secret nonce; `accounts` are the inspectors on duty."""
    campaign = campaign_of(session, key, CampaignState.PLANNED, CampaignState.NOMINATING)
    _require_all_votes(campaign, now)
    return commit_draw(
        session, campaign, announcement, number=1, actor=actor, now=now,
        accounts=accounts, without=(), random_bytes=random_bytes,
    )  # fmt: skip


def commit_draw(
    session: Session,
    campaign: Campaign,
    announcement: Announcement,
    *,
    number: int,
    actor: str,
    now: datetime,
    accounts: Collection[int] | None,
    without: Collection[int],
    random_bytes: RandomBytes,
) -> Committed:
    """Freeze a roster from the register and store it with its nonce; only their hashes become public."""
    if announcement.at < now + PUBLIC_BEFORE:
        raise CampaignError("公开值的时间太近；承诺要先在网站上公布，请写至少 30 分钟以后的时间。")
    if not announcement.source.strip():
        raise CampaignError("没有写公开值从哪里来；请写明，例如：公证处现场掷二十面骰子十次。")
    announced_on = civil_day(announcement.at)
    pool, strata = read_pool_rule(campaign.pool_rule), read_strata_rule(campaign.strata_rule)
    require_public_facts(
        pool, strata, grade_is_public=settings_on(session, civil_day(now)).is_on("grade_is_public")
    )
    units = pool_of(session, pool, strata, on=civil_day(now), campaign_id=campaign.id, without=without)
    on_duty = [
        one for one in inspectors_on(session, announced_on) if accounts is None or one.account_id in accounts
    ]
    _require_known_grades(session, units)
    _require_inspectors(campaign, units, on_duty)
    nonce = random_bytes(NONCE_BYTES)
    private = _private(units, on_duty, random_bytes)
    roster = _roster(campaign, number, units, strata, private, random_bytes(NONCE_BYTES).hex())
    draw = Draw(
        campaign_id=campaign.id or 0,
        number=number,
        roster=roster.text(),
        roster_sha256=roster.commitment,
        nonce_hex=nonce.hex(),
        nonce_sha256=nonce_commitment(nonce),
        private=private.text(),
        announced_source=announcement.source.strip(),
        announced_at=announcement.at,
        committed_at=now,
        committed_by=actor,
    )
    session.add(draw)
    session.flush()
    append_event(session, draw, DrawStep(DrawEventKind.COMMITTED), actor=actor, now=now)
    terms = reveal_terms(session, announced_on)
    campaign.reveal_by = terms.reveal_by(announced_on, first_closed_on(session, campaign.id or 0))
    campaign.state = CampaignState.COMMITTED
    session.add(campaign)
    fields = {
        "campaign": campaign.key, "draw": number, "roster_sha256": draw.roster_sha256,
        "nonce_sha256": draw.nonce_sha256, "source": draw.announced_source,
        "value_at": instant(announcement.at),
    }  # fmt: skip
    write_audit(session, DRAW_COMMITTED, actor=actor, now=now, fields=fields)
    note_changes(session, Subject.DRAW, [campaign.id or 0])
    return Committed(number, draw.roster_sha256, draw.nonce_sha256, len(units))


def _require_all_votes(campaign: Campaign, now: datetime) -> None:
    """Votes make the pool: it is closed with all of them, or not yet."""
    if campaign.nominate_until is None:
        return
    until = f"{campaign.nominate_until.astimezone(PEOPLE_ZONE):%Y-%m-%d %H:%M}"
    if now < campaign.nominate_until:
        raise CampaignError(f"点检征集到 {until} 截止，截止后才能关闭抽查库。")
    if campaign.nominations_counted_at is None:
        raise CampaignError(
            f"点检征集已于 {until} 截止，但票还没有从收件箱收齐；收齐之前不能关闭抽查库。"
            "正常情况下几分钟内自动收齐，请稍后再承诺；"
            f"一直收不齐，请系统管理员运行 {CLI} jobs run inbox，并查看它说的原因。"
        )


def _require_known_grades(session: Session, units: Sequence[PoolUnit]) -> None:
    """With the roster strata become public, and with them grades: never those that rest on assumed values."""
    assumed = sum(unit.rests_on_assumed for unit in units)
    if assumed and not is_demonstration(session):
        raise CampaignError(
            f"抽查库里有 {assumed} 家的风险等级用了推定值，不能按等级选库或分层：名单公布时会公开推定的等级。"
            "请先在规则页由本局确定这些数值并重新评定，或改用业态、街镇。"
        )


def _require_inspectors(
    campaign: Campaign, units: Sequence[PoolUnit], on_duty: Sequence[InspectorOnDuty]
) -> None:
    if len(units) < campaign.draw_count:
        raise CampaignError(
            f"抽查库里只有 {len(units)} 家，不够抽 {campaign.draw_count} 家；请放宽选库条件或减少抽取数。"
        )
    if len(on_duty) < TEAM or len(on_duty) * campaign.load_limit < TEAM * campaign.draw_count:
        raise CampaignError(
            f"证件有效的检查人员有 {len(on_duty)} 人，每人最多 {campaign.load_limit} 家，"
            f"不够每家两人查 {campaign.draw_count} 家；请增加检查人员或提高每人家数。"
        )
    for unit in units:
        if sum(unit.unit_id not in one.barred_units for one in on_duty) < TEAM:
            raise CampaignError(
                f"{unit.name}（{unit.code}）应回避的人太多，剩下不足两人可以检查；请增加检查人员。"
            )


def _private(
    units: Sequence[PoolUnit], on_duty: Sequence[InspectorOnDuty], random_bytes: RandomBytes
) -> Private:
    numbers = _new_numbers(len(on_duty), random_bytes)
    inspectors = {number: one.account_id for number, one in zip(numbers, on_duty, strict=True)}
    barred = tuple(
        BarredPair(number, unit.code, random_bytes(NONCE_BYTES).hex())
        for number, one in zip(numbers, on_duty, strict=True)
        for unit in units
        if unit.unit_id in one.barred_units
    )
    return Private({unit.code: (unit.unit_id, unit.premises_id) for unit in units}, inspectors, barred)


def _new_numbers(count: int, random_bytes: RandomBytes) -> list[str]:
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        drawn = int.from_bytes(random_bytes(8), "big") % 10**_NUMBER_DIGITS
        numbers[f"{drawn:0{_NUMBER_DIGITS}d}"] = None
    return list(numbers)


def _roster(
    campaign: Campaign,
    number: int,
    units: Sequence[PoolUnit],
    strata: StrataRule,
    private: Private,
    salt: str,
) -> Roster:
    terms = RosterTerms(
        campaign=campaign.key,
        draw=number,
        draw_count=campaign.draw_count,
        substitutes=campaign.substitutes,
        load=campaign.load_limit,
        salt=salt,
    )
    try:
        return make_roster(
            terms,
            {unit.code: unit.stratum for unit in units},
            {unit.stratum: strata.weight(unit.stratum) for unit in units},
            list(private.inspectors),
            [pair.commitment for pair in private.barred],
        )
    except DrawError as fault:
        raise CampaignError(str(fault)) from fault
