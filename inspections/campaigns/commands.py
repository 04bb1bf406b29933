"""Commands of draws: the same use cases as the desk's pages, each asking who decides."""

import json
import subprocess
import sys
import tempfile
from datetime import date, datetime
from pathlib import Path

import click
from sqlmodel import Session, select

from inspections.campaigns.committing import Announcement, Committed, commit
from inspections.campaigns.draw_changes import exclude_unit, open_substitute, redraw
from inspections.campaigns.draw_day import GivenValue, enter_value, run_draw
from inspections.campaigns.drawing.canonical import DrawError
from inspections.campaigns.drawing.rfc3797 import choose, key_string
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.public_view import certificate_for_staff
from inspections.campaigns.queries import campaign_lines
from inspections.campaigns.revealing import reveal
from inspections.campaigns.rules import STRATA_WORDS, PoolRule, StrataBy, StrataRule
from inspections.campaigns.service import CampaignPlan, make_campaign
from inspections.campaigns.tables import Campaign
from inspections.campaigns.words import CAMPAIGN_STATES, EXCLUSION_REASONS
from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import PEOPLE_ZONE, utc_now
from inspections.record.command_line import CLI
from inspections.record.commands import DAY
from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.database import read_only, transaction
from inspections.record.evidence import keep_document
from inspections.record.house import House
from inspections.units.codes import parse_code

VERIFIER = PACKAGE_ROOT / "static" / "draw" / "verify_draw.py"
FILE = click.Path(path_type=Path, dir_okay=False)


class Moment(click.ParamType[datetime]):
    """An instant by the clock on the wall here, `2026-11-25T20:00`."""

    name = "时间"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant, or a sentence that shows the form wanted."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%dT%H:%M").replace(tzinfo=PEOPLE_ZONE)
        except ValueError:
            self.fail(f"“{value}”不是时间；请写成 2026-11-25T20:00 的形式。", param, ctx)


class Counted(click.ParamType[tuple[str, int]]):
    """A word and a number, `餐馆=2`."""

    name = "名称=数"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """The pair, or a sentence that shows the form wanted."""
        if isinstance(value, tuple):
            return value
        word, _, number = str(value).rpartition("=")
        if not word or not number.isdecimal():
            self.fail(f"“{value}”看不懂；请写成 餐馆=2 的形式。", param, ctx)
        return word, int(number)


class Code(click.ParamType[str]):
    """A storefront code as it is printed or typed."""

    name = "门店码"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code as printed, or a sentence that shows the form wanted."""
        code = parse_code(str(value))
        if code is None:
            self.fail(f"“{value}”不是门店码；请按公示牌上的写，例如 7K3M-92QF。", param, ctx)
        return code


MOMENT, COUNTED, CODE = Moment(), Counted(), Code()


@click.group("draw")
def draw() -> None:
    """随机查餐厅：建库、承诺、抽取、递补、公布和验算。"""


@draw.command("list")
@click.pass_obj
def list_(house: House) -> None:
    """列出各期抽查。"""
    with read_only(house.engine) as session:
        for line in campaign_lines(session):
            state = CAMPAIGN_STATES[line.state]
            by = f"，最迟 {line.reveal_by} 公布" if line.reveal_by else ""
            click.echo(f"{line.key}\t第{line.issue_no}期 {line.theme}\t{state}\t查完 {line.done} 家{by}")


@draw.command("plan")
@click.argument("month")
@click.option("--theme", required=True, help="本期主题")
@click.option("--issue", type=click.IntRange(1, 999), default=None, help="期号，默认是月份")
@click.option("--count", "draw_count", type=click.IntRange(1), required=True, help="抽取家数")
@click.option("--substitutes", type=click.IntRange(0), default=3, show_default=True, help="每层最多递补几家")
@click.option("--load", type=click.IntRange(1), default=6, show_default=True, help="每人最多几家")
@click.option("--street", "streets", multiple=True, help="只从这些街镇抽")
@click.option("--unit-type", "unit_types", multiple=True, help="只从这些业态抽，写代号，如 restaurant")
@click.option("--chain", "chains", multiple=True, help="只从这些连锁抽")
@click.option("--grade", "grades", multiple=True, help="只从这些风险等级抽；等级公示时才可用")
@click.option("--online/--no-online", "online", default=None, help="只从有（没有）网络订餐的抽")
@click.option("--due-by", type=DAY, default=None, help="只从这一天前应当检查的抽")
@click.option("--nominated-from", type=click.IntRange(1), default=None, help="点检满多少票的加入抽查库")
@click.option("--nominated-apart", is_flag=True, help="点检单位单独成层")
@click.option(
    "--by",
    type=click.Choice([one.value for one in StrataBy]),
    default=StrataBy.NOTHING.value,
    help="怎样分层",
)
@click.option("--weight", "weights", type=COUNTED, multiple=True, help="层的权重，如 餐馆=2；没写的是 1")
@click.option("--guest", "guests", type=COUNTED, multiple=True, help="参加人员的身份和人数，如 人大代表=2")
@asks_who_decides
@click.pass_obj
def plan(
    house: House,
    month: str,
    *,
    theme: str,
    issue: int | None,
    draw_count: int,
    substitutes: int,
    load: int,
    streets: tuple[str, ...],
    unit_types: tuple[str, ...],
    chains: tuple[str, ...],
    grades: tuple[str, ...],
    online: bool | None,
    due_by: date | None,
    nominated_from: int | None,
    nominated_apart: bool,
    by: str,
    weights: tuple[tuple[str, int], ...],
    guests: tuple[tuple[str, int], ...],
    deciding: Deciding,
) -> None:
    """建立一期抽查：主题、抽查库的条件、分层和权重、抽取家数。"""
    made = CampaignPlan(
        key=month,
        issue_no=issue or int(month[5:7] or 0),
        theme=theme,
        draw_count=draw_count,
        substitutes=substitutes,
        load_limit=load,
        pool=PoolRule(streets, unit_types, chains, grades, online, due_by, nominated_from),
        strata=StrataRule(StrataBy(by), dict(weights), nominated_apart),
        guests=guests,
    )
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        make_campaign(session, made, actor=actor.name, now=utc_now())
    click.echo(
        f"已建立 {month}：{made.pool.sentence()}{STRATA_WORDS[made.strata.by]}，抽取 {draw_count} 家。"
    )
    click.echo(f"下一步：draw commit {month} --source 来源 --at 时间")


@draw.command("commit")
@click.argument("month")
@click.option("--source", required=True, help="公开值从哪里来，例如 公证处现场掷骰")
@click.option("--at", type=MOMENT, required=True, help="公开值产生的时间，至少 30 分钟以后")
@asks_who_decides
@click.pass_obj
def commit_command(house: House, month: str, *, source: str, at: datetime, deciding: Deciding) -> None:
    """关闭抽查库并承诺：名单和随机数从此改不了，只公布它们的校验值。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        made = commit(session, month, Announcement(source, at), actor=actor.name, now=utc_now())
    _say_committed(made)
    click.echo(f"到时间后：draw value {month}，然后 draw run {month} --release 日期")


def _say_committed(made: Committed) -> None:
    click.echo(f"第 {made.number} 次抽取已承诺，名单里有 {made.units} 家单位。")
    click.echo(f"名单的校验值   {made.roster_sha256}")
    click.echo(f"随机数的校验值 {made.nonce_sha256}")


@draw.command("value")
@click.argument("month")
@click.option("--value", prompt="公开值", confirmation_prompt="再写一次公开值", help="骰子点数或开奖号码")
@click.option("--how", prompt="来源", help="谁、在哪里、用什么产生")
@click.option("--known-at", type=MOMENT, prompt="产生时间（2026-11-25T20:00）", help="公开值产生的时间")
@click.option("--link", default=None, help="可以查到它的网址")
@click.option("--photo", type=FILE, default=None, help="现场照片，存为证据")
@asks_who_decides
@click.pass_obj
def value_command(
    house: House,
    month: str,
    *,
    value: str,
    how: str,
    known_at: datetime,
    link: str | None,
    photo: Path | None,
    deciding: Deciding,
) -> None:
    """录入公开值和凭据；只能录一次，不能早于公告的时间。"""
    kept = keep_document(house.configuration.evidence_directory, photo).sha256 if photo else None
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        given = GivenValue(value, how, known_at, link, kept)
        enter_value(session, month, given, actor=actor.name, now=utc_now())
    click.echo(f"公开值已录入。下一步：draw run {month} --release 日期")


@draw.command("run")
@click.argument("month")
@click.option("--release", "release_on", type=DAY, required=True, help="检查人员从哪一天起看到任务")
@asks_who_decides
@click.pass_obj
def run(house: House, month: str, *, release_on: date, deciding: Deciding) -> None:
    """抽取单位和检查人员。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        drawn = run_draw(session, month, release_on=release_on, actor=actor.name, now=utc_now())
    click.echo(f"已抽取 {drawn.units} 家；名单里 {drawn.excluded} 家已不在营，按登记排除。名单保密到公布。")


@draw.command("open-substitute")
@click.argument("month")
@click.argument("code", type=CODE)
@asks_who_decides
@click.pass_obj
def open_substitute_command(house: House, month: str, *, code: str, deciding: Deciding) -> None:
    """为关门、未能检查或已排除的单位打开同层下一家递补。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        opened = open_substitute(session, month, code, actor=actor.name, now=utc_now())
    click.echo(f"{code} 由 {opened} 递补。")


@draw.command("exclude")
@click.argument("month")
@click.argument("code", type=CODE)
@click.option("--reason", type=click.Choice(list(EXCLUSION_REASONS)), required=True, help="理由，随凭证公布")
@asks_who_decides
@click.pass_obj
def exclude(house: House, month: str, *, code: str, reason: str, deciding: Deciding) -> None:
    """排除一家单位；其余单位的次序不变。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        exclude_unit(session, month, code, reason, actor=actor.name, now=utc_now())
    click.echo(f"已排除 {code}：{EXCLUSION_REASONS[reason]}。")


@draw.command("redraw")
@click.argument("month")
@click.option("--reason", required=True, help="作废的理由，随凭证公布")
@click.option("--source", required=True, help="新的公开值从哪里来")
@click.option("--at", type=MOMENT, required=True, help="新的公开值产生的时间")
@asks_who_decides
@click.pass_obj
def redraw_command(
    house: House, month: str, *, reason: str, source: str, at: datetime, deciding: Deciding
) -> None:
    """作废这次抽取，重新承诺；原来的抽取全部保留在凭证里。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        announcement = Announcement(source, at)
        made = redraw(session, month, reason, announcement, actor=actor.name, now=utc_now())
    _say_committed(made)


@draw.command("reveal")
@click.argument("month")
@asks_who_decides
@click.pass_obj
def reveal_command(house: House, month: str, *, deciding: Deciding) -> None:
    """公布名单、随机数、公开值和全部经过；查完之后，或最后期限到了。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        reveal(session, month, actor=actor.name, now=utc_now())
    click.echo(f"{month} 的名单已公布；运行 {CLI} publish，或等几分钟，就出现在网站上。")


@draw.command("certificate")
@click.argument("month")
@click.option("--out", type=FILE, required=True, help="写到哪个文件")
@asks_who_decides
@click.pass_obj
def certificate(house: House, month: str, *, out: Path, deciding: Deciding) -> None:
    """写出抽取凭证（JSON），抽取之前只有承诺；公布之前只给抽查管理人员，请保密。"""
    with read_only(house.engine) as session:
        deciding.sign(session, Role.CAMPAIGN_MANAGER)
        text = _certificate(session, month)
    out.write_text(text, encoding="utf-8")
    click.echo(f"凭证已写到 {out}。")


@draw.command("verify")
@click.argument("month")
@click.pass_obj
def verify(house: House, month: str) -> None:
    """用随网站发布的验算程序，重新计算一期已公布的抽取。"""
    with read_only(house.engine) as session:
        campaign = _campaign(session, month)
        if campaign.revealed_at is None:
            raise CampaignError(f"{month} 的名单还没有公布，现在只有承诺；公布后再验算。")
        text = _certificate(session, month)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draw.json"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, str(VERIFIER), str(path)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own file
    click.echo(ran.stdout.rstrip())
    if ran.returncode != 0:
        raise CampaignError(f"{month} 的凭证有不成立的地方（见上）；请查审计链 verify，并从备份核对。")


@draw.command("committee")
@click.argument("names", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--source", "sources", multiple=True, required=True, help="一个来源的数字，用空格分开；按公告的次序"
)
@click.option("--count", "wanted", type=click.IntRange(1), required=True, help="选几人")
def committee(names: Path, *, sources: tuple[str, ...], wanted: int) -> None:
    """按 RFC 3797 从名单文件（一行一人）里选人，例如选代表；任何人都能重算。"""
    people = [line.strip() for line in names.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    read = [source.replace("、", " ").replace(",", " ").split() for source in sources]
    if not all(number.isdecimal() for source in read for number in source):
        raise CampaignError("来源里有不是数字的内容；每个来源写数字，用空格分开。")
    key = key_string([[int(number) for number in source] for source in read])
    try:
        chosen = choose(key, len(people), wanted)
    except DrawError as fault:
        raise CampaignError(str(fault)) from fault
    click.echo(f"种子串 {key}")
    for turn, number in enumerate(chosen, start=1):
        click.echo(f"{turn}\t{number}\t{people[number - 1]}")


def _certificate(session: Session, month: str) -> str:
    found = certificate_for_staff(session, _campaign(session, month))
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _campaign(session: Session, month: str) -> Campaign:
    found = session.exec(select(Campaign).where(Campaign.key == month)).first()
    if found is None or found.reveal_by is None:
        raise CampaignError(f"{month} 还没有承诺过的抽取；用 draw list 查看各期。")
    return found
