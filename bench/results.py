"""What has been measured: kept as results.json, shown as RESULTS.md."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent

Figure = dict[str, object]


def kept_figures() -> dict[str, list[Figure]]:
    """The figures of the benches that were run, by bench."""
    path = FOLDER / "results.json"
    if not path.exists():
        return {}
    read: dict[str, list[Figure]] = json.loads(path.read_text(encoding="utf-8"))
    return read


def keep(bench: str, figures: list[Figure], command: str) -> None:
    """Keep a bench's figures in place of its earlier ones, with the day and the command."""
    day = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")  # noqa: TID251  # the day of the measurement
    kept = kept_figures()
    kept[bench] = [{**figure, "measured": day, "command": command} for figure in figures]
    text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True)
    (FOLDER / "results.json").write_text(text + "\n", encoding="utf-8")
    (FOLDER / "RESULTS.md").write_text(_page(kept), encoding="utf-8")


def _page(kept: dict[str, list[Figure]]) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rows = [
        "# Results",
        "",
        "Written by `make bench`. Ours and the peer are measured in the same run; a ratio is a median.",
        f"Machine: {machine}, shared and noisy: read the ratios, not the seconds.",
        "",
        "| Figure | Ours | Peer | Ratio | Goal | Met | Measured | Command |",
        "|---|---|---|---|---|---|---|---|",
    ]
    figures = [figure for bench in sorted(kept) for figure in kept[bench]]
    notes = [f"- **{figure['name']}**: {figure['note']}" for figure in figures if figure.get("note")]
    return "\n".join([*rows, *(_row(figure) for figure in figures), "", *notes, ""])


def _row(figure: Figure) -> str:
    words: dict[object, str] = {True: "met", False: "**missed**", None: "no goal"}
    cells = [
        figure.get("what", figure["name"]),
        _amount(figure, "ours"),
        _amount(figure, "peer"),
        "" if figure.get("ratio") is None else figure["ratio"],
        figure.get("goal_words", ""),
        words[figure.get("met")],
        figure["measured"],
        f"`{figure['command']}`",
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _amount(figure: Figure, key: str) -> str:
    return "" if figure.get(key) is None else f"{figure[key]} {figure.get('unit', '')}".strip()
