"""Publishing 100,000 storefront pages, against a bare loop and against Hugo; and what 100 changes cost.

Full: the real `publish` on a real database (facts read, pages rendered, compressed, written and recorded,
the search file built) in a process of its own, start included. The bare loop writes the same bytes to the
same files, siblings included, from memory, nothing compressed. Hugo (Debian's package) renders as many
pages of the same size from front matter; two processes then compress its pages in the same way. Each run
goes into a fresh folder; nothing is deleted before all runs have ended, because a file system that has just
lost many files creates new ones more slowly, and what one side wrote is on the disk before the next begins.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.profiling import where_time_goes
from bench.publish_town import NOW, change, fill
from inspections.record.configuration import Configuration
from inspections.record.house import House, open_house
from publishing.site.service import publish
from publishing.site.writer import siblings_of

SCRATCH = Path(__file__).parent / "scratch"
GOAL_BARE, GOAL_HUGO, GOAL_SECONDS, GOAL_GROWTH, GOAL_MIB = 4.0, 1.0, 2.0, 1.5, 1024
CHANGED = 100
_PAGES_IN_MEMORY = 2_000


def main() -> None:
    """Measure, print one JSON line per figure, then delete what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--part", choices=tuple(_PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--round", type=int, default=0, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.part:
        print(json.dumps(_PARTS[wanted.part](wanted.data, wanted.round), ensure_ascii=False))
    else:
        _measure(wanted.units, wanted.runs)


def _measure(units: int, runs: int) -> None:
    SCRATCH.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="publish-", dir=SCRATCH))
    towns = {size: folder / f"town-{size}.sqlite" for size in (units, max(units // 10, CHANGED))}
    for size, file in towns.items():
        fill(file, size)
    ours, bare, hugo, memory, sites = [], [], [], [], {}
    for number in range(runs):
        data = _copy(towns[units], folder / f"full-{number}")
        os.sync()
        began = time.perf_counter()
        report = _part("publish", data)
        ours.append(time.perf_counter() - began)
        memory.append(report["memory_mib"])
        bare.append(_bare_loop(data / "site", folder / f"bare-{number}"))
        hugo.append(_hugo(data / "site", folder / f"hugo-{number}", units))
        sites[units] = data
    small = min(towns)
    sites[small] = _copy(towns[small], folder / "small")
    _part("publish", sites[small])
    rounds = {size: [_part("change", data, number) for number in range(runs)] for size, data in sites.items()}
    full_note = _part("profile_full", _copy(towns[small], folder / "profiled"))["note"]
    change_note = _part("profile_change", sites[units], runs)["note"]
    _say_full(units, runs, ours, bare, hugo, memory, f"{full_note} ({small:,} pages.)")
    seconds = {size: [one["seconds"] for one in some] for size, some in rounds.items()}
    _say_change(units, runs, seconds, change_note)
    shutil.rmtree(folder)


def _copy(database: Path, data: Path) -> Path:
    data.mkdir()
    shutil.copyfile(database, data / "honghei.sqlite")
    return data


def _part(part: str, data: Path, number: int = 0) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.bench_publish", "--part", part, "--data", str(data)]
    done = subprocess.run(
        [*command, "--round", str(number)], stdout=subprocess.PIPE, text=True, check=True,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def _publish(data: Path, _number: int) -> dict[str, object]:
    house = open_house(Configuration(data=data))
    summary = publish(house, now=NOW, full=True)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # The workers run at the same time; each is at most as large as the largest of them.
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (os.cpu_count() or 1)
    return {"memory_mib": (own + workers) // 1024, "pages": summary.pages}


def _profile_full(data: Path, _number: int) -> dict[str, object]:
    house = open_house(Configuration(data=data))
    return {"note": where_time_goes(lambda: publish(house, now=NOW, full=True, workers=1))}


def _change(data: Path, number: int) -> dict[str, object]:
    house = _changed(data, number)
    began = time.perf_counter()
    summary = publish(house, now=NOW)
    seconds = time.perf_counter() - began
    assert not summary.was_full
    assert summary.written >= CHANGED
    return {"seconds": seconds, "written": summary.written}


def _profile_change(data: Path, number: int) -> dict[str, object]:
    house = _changed(data, number)
    return {"note": where_time_goes(lambda: publish(house, now=NOW))}


def _changed(data: Path, number: int) -> House:
    house = open_house(Configuration(data=data))
    step = max(1, _doors(data) // CHANGED)
    change(house.engine, [1 + place * step for place in range(CHANGED)], number)
    return house


_PARTS = {
    "publish": _publish,
    "change": _change,
    "profile_full": _profile_full,
    "profile_change": _profile_change,
}


def _doors(data: Path) -> int:
    return sum(1 for _ in (data / "site" / "s").iterdir())


def _files(site: Path) -> Iterator[tuple[str, bytes]]:
    for folder, _, names in os.walk(site):
        for name in names:
            path = Path(folder, name)
            yield path.relative_to(site).as_posix(), path.read_bytes()


def _bare_loop(site: Path, target: Path) -> float:
    """Write the same bytes to the same files; reading them is not counted."""
    os.sync()
    files = _files(site)
    seconds = 0.0
    while part := list(islice(files, 3 * _PAGES_IN_MEMORY)):
        began = time.perf_counter()
        for path, content in part:
            _write_barely(f"{target}/{path}", content)
        seconds += time.perf_counter() - began
    return seconds


def _write_barely(path: str, content: bytes) -> None:
    try:
        file = open(path, "wb")  # noqa: PTH123, SIM115  # the barest loop there is
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path))  # noqa: PTH103, PTH120
        file = open(path, "wb")  # noqa: PTH123, SIM115
    with file:
        file.write(content)


_HUGO_CONFIG = """baseURL = "https://canyin.example.cn/"
languageCode = "zh-CN"
title = "示范区餐饮安全公示"
disableKinds = ["taxonomy", "term", "RSS", "sitemap", "robotsTXT", "404", "home", "section"]
"""
_HUGO_PAGE = """---
title: "{name}"
url: "/s/{code}/"
address: "{address}"
holder: "{holder}"
licence: "JY212011199{number:06}"
grade: "B"
visits:
{visits}---
"""
_HUGO_VISIT = """- day: "2026-{month:02}-06"
  kind: "日常监督检查"
  result: "基本符合"
  findings: ["操作间地面有积水，垃圾桶未加盖", "冰箱内生熟食品混放"]
"""
_HUGO_LAYOUT = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<title>{{{{ .Title }}}}</title><style>{style}</style></head>
<body><main><h1>{{{{ .Title }}}}</h1><p>{{{{ .Params.address }}}}</p>
<p>{{{{ .Params.holder }}}} {{{{ .Params.licence }}}}</p><p>{{{{ .Params.grade }}}} 级</p>
{{{{ range .Params.visits }}}}<section><h2>{{{{ .kind }}}}</h2><p>{{{{ .day }}}} {{{{ .result }}}}</p>
<ul>{{{{ range .findings }}}}<li>{{{{ . }}}}</li>{{{{ end }}}}</ul></section>{{{{ end }}}}
<footer>{fixed}</footer></main></body></html>
"""


def _hugo(site: Path, target: Path, pages: int) -> float:
    """Hugo's own time for as many pages of the same size, and two processes that compress them."""
    pattern = next((site / "s").iterdir()) / "index.html"
    size = _mean_size((site / "s").glob("*/index.html"))
    html = pattern.read_text(encoding="utf-8")
    style = html[html.index("<style>") + 7 : html.index("</style>")] if "<style>" in html else html[:4000]
    fixed = _padding(html, size - len(style.encode()) - 1_100)
    content = target / "content"
    content.mkdir(parents=True)
    (target / "layouts" / "_default").mkdir(parents=True)
    (target / "config.toml").write_text(_HUGO_CONFIG, encoding="utf-8")
    layout = _HUGO_LAYOUT.format(style=style.replace("{{", "{ {"), fixed=fixed)
    (target / "layouts" / "_default" / "single.html").write_text(layout, encoding="utf-8")
    visits = "".join(_HUGO_VISIT.format(month=month) for month in (11, 8, 5, 2))
    for number in range(pages):
        text = _HUGO_PAGE.format(
            name=f"福满源饺子馆{number}",
            code=f"H{number:07}",
            address=f"第{number % 16}街镇学府路{number}号",
            holder=f"示范区福满源{number}餐饮服务有限公司",
            number=number,
            visits=visits,
        )
        (content / f"{number}.md").write_text(text, encoding="utf-8")
    os.sync()
    began = time.perf_counter()
    subprocess.run(["hugo", "--quiet", "--source", str(target)], check=True)
    paths = [os.fspath(path) for path in (target / "public" / "s").glob("*/index.html")]
    # Forked: a spawned process would import all of this file first, at the peer's cost.
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(_compress, paths, chunksize=500)
    seconds = time.perf_counter() - began
    made = _mean_size(Path(path) for path in paths)
    assert len(paths) == pages
    assert abs(made - size) < size // 10, (made, size)
    return seconds


def _mean_size(paths: Iterable[Path]) -> int:
    sizes = [path.stat().st_size for path in islice(paths, 200)]
    return sum(sizes) // len(sizes)


def _padding(html: str, size: int) -> str:
    """Fixed text of a page, repeated to a size, so that it compresses as our own fixed texts do."""
    body = html[html.index("<body>") :] if "<body>" in html else html
    text = body.replace("{{", "").replace("}}", "").replace("<", "&lt;")
    encoded = (text * 4).encode()[: max(0, size)]
    return encoded.decode(errors="ignore").replace("{", "").replace("}", "")


def _compress(path: str) -> None:
    for suffix, content in siblings_of(Path(path).read_bytes()):
        if suffix:
            Path(path + suffix).write_bytes(content)


def _say_full(
    units: int,
    runs: int,
    ours: list[float],
    bare: list[float],
    hugo: list[float],
    memory: list[int],
    note: str,
) -> None:
    pages = f"{units:,} storefront pages"
    told = (
        (
            "publish_full",
            f"Full publication of {pages}, against a bare loop",
            bare,
            GOAL_BARE,
            "at most 4 times",
        ),
        ("publish_hugo", f"Full publication of {pages}, against Hugo", hugo, GOAL_HUGO, "faster"),
    )
    for name, what, peer, goal, words in told:
        ratio = statistics.median(mine / other for mine, other in zip(ours, peer, strict=True))
        times = {"ours": statistics.median(ours), "peer": statistics.median(peer), "ratio": ratio}
        met = ratio <= goal
        _say(name=name, what=what, **times, goal=goal, goal_words=words, met=met, runs=runs, note=note)
    most = max(memory)
    _say(
        name="publish_memory",
        what=f"Memory of a full publication of {pages}, all processes",
        ours=most,
        peer=None,
        unit="MiB",
        ratio=None,
        goal=GOAL_MIB,
        goal_words="under 1 GiB",
        met=most < GOAL_MIB,
        runs=runs,
        memory_mib=most,
    )


def _say_change(units: int, runs: int, seconds: dict[int, list[float]], note: str) -> None:
    large, small = statistics.median(seconds[units]), statistics.median(seconds[min(seconds)])
    what = f"Publication after {CHANGED} changed units of {units:,}"
    told = (
        ("publish_changes", what, None, None, GOAL_SECONDS, "under 2 seconds", large < GOAL_SECONDS),
        (
            "publish_growth",
            f"{what}, against {min(seconds):,}",
            small,
            large / small,
            GOAL_GROWTH,
            "at most 1.5 times",
            large / small <= GOAL_GROWTH,
        ),
    )
    for name, said, peer, ratio, goal, words, met in told:
        _say(
            name=name,
            what=said,
            ours=large,
            peer=peer,
            ratio=ratio,
            goal=goal,
            goal_words=words,
            met=met,
            runs=runs,
            note=note,
        )


def _say(**figure: Any) -> None:
    rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in figure.items()}
    print(json.dumps({"unit": "s", **rounded}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
