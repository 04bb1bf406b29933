"""Terms of a campaign: how long the roster may stay secret, and by when results must be public."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from inspections.campaigns.errors import CampaignError
from inspections.record.settings import Settings, declare_check, settings_on


@dataclass(frozen=True)
class RevealTerms:
    """The settings in force on the day of the announced value."""

    reveal_days: int
    result_working_days: int

    def reveal_by(self, announced_on: date, first_closed_on: date | None) -> date:
        """The last day of the secret; a redraw after the first visit does not lengthen it."""
        return min(announced_on, first_closed_on or announced_on) + timedelta(days=self.reveal_days)


def reveal_terms(session: Session, on: date) -> RevealTerms:
    """The terms in force on a day; an unset one is named with its cure."""
    settings = settings_on(session, on)
    found = {key: settings.count(key) for key in ("reveal_days", "result_working_days")}
    for key, value in found.items():
        if value is None:
            settings.text(key)
    reveal_days, working_days = found["reveal_days"], found["result_working_days"]
    if reveal_days is None or working_days is None:
        raise CampaignError("公布期限没有设置。")
    return RevealTerms(reveal_days, working_days)


def _no_later_than_results(settings: Settings) -> str | None:
    """A day is at most one working day: so many days are never more working days, whatever the calendar."""
    reveal_days, working_days = settings.count("reveal_days"), settings.count("result_working_days")
    if reveal_days is None or working_days is None or reveal_days <= working_days:
        return None
    return (
        f"自 {settings.on} 起，抽取名单最迟 {reveal_days} 天后公布，可能超过检查结果公示的 "
        f"{working_days} 个工作日：抽取当天就查完的单位，结果要等名单公布。"
        f"请把“抽取名单最迟……多少天后公布”设为不超过 {working_days} 的数。"
    )


declare_check("reveal_days", _no_later_than_results)
declare_check("result_working_days", _no_later_than_results)
