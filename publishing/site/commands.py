"""Commands of the site: `publish`, and `publish --on DAY --out DIR` for a preview."""

import shlex
from datetime import date
from pathlib import Path

import click

from inspections.record.clock import utc_now
from inspections.record.commands import DAY
from inspections.record.house import House
from inspections.surface.terminal import say_summary
from publishing.site.preview import preview
from publishing.site.service import publish as publish_site


@click.command("publish")
@click.option("--full", is_flag=True, help="重写每一页，不看哪些内容有变化；断电或误删文件之后用。")
@click.option("--on", "day", type=DAY, help="预览某一天的网站；不改动已发布的网站。")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="预览写到哪个空目录。")
@click.option("--json", "as_json", is_flag=True, help="最后一行用 JSON。")
@click.pass_obj
def publish(house: House, full: bool, day: date | None, out: Path | None, as_json: bool) -> None:
    """发布网站：只重写内容有变化的页面；--on 日期 --out 目录 为预览。"""
    if (day is None) != (out is None) or (full and day is not None):
        raise click.UsageError("预览要同时写 --on 日期 和 --out 目录，并且不能与 --full 同用。")
    if day is not None and out is not None:
        _preview(house, day, out, as_json=as_json)
        return
    with click.progressbar(length=1, label="发布", show_pos=True) as bar:
        summary = publish_site(house, now=utc_now(), full=full, progress=_Bar(bar))
    say_summary(
        f"已发布：写了 {summary.written} 页，撤下 {summary.removed} 页，全站 {summary.pages} 页"
        f"（{'全部重写' if summary.was_full else '只写有变化的'}）。",
        {
            "written": summary.written,
            "removed": summary.removed,
            "unchanged": summary.unchanged,
            "pages": summary.pages,
            "was_full": summary.was_full,
        },
        as_json=as_json,
    )


def _preview(house: House, day: date, out: Path, *, as_json: bool) -> None:
    with click.progressbar(length=1, label="预览", show_pos=True) as bar:
        summary = preview(house, on=day, out=out, progress=_Bar(bar))
    say_summary(
        f"已写出 {day} 的预览 {summary.pages} 页，在 {summary.root}；已发布的网站没有改动。"
        f"在本机查看（包括查找）：HHB_DATA={shlex.quote(str(out))} flask --app app run --port 8001",
        {"pages": summary.pages, "on": day, "root": str(summary.root)},
        as_json=as_json,
    )


class _Bar:
    """Shows how many of the storefront pages are done."""

    def __init__(self, bar: "click._termui_impl.ProgressBar[int]") -> None:
        self._bar = bar

    def __call__(self, done: int, total: int) -> None:
        self._bar.length = total
        self._bar.update(done - self._bar.pos)
