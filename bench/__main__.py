"""Run every bench_*.py of this folder and write what they measured to results.json and RESULTS.md.

A bench prints one JSON line per figure: `name`, `what`, `ours`, `peer`, `unit`, `ratio`, `goal` (the limit
as a number, or none), `goal_words`, `met` (true, false, or none where there is no goal), and further keys.
"""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    """Run the benches named on the command line, or all; keep earlier figures of those not run."""
    wanted = set(sys.argv[1:])
    kept: dict[str, list[dict[str, object]]] = _earlier()
    failed = []
    for script in sorted(FOLDER.glob("bench_*.py")):
        if wanted and script.stem not in wanted and script.stem.removeprefix("bench_") not in wanted:
            continue
        print(f"== {script.stem}", flush=True)
        figures = _run(script.stem)
        if figures is None:
            failed.append(script.stem)
            continue
        kept[script.stem] = figures
    (FOLDER / "results.json").write_text(
        json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    (FOLDER / "RESULTS.md").write_text(_page(kept), encoding="utf-8")
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _earlier() -> dict[str, list[dict[str, object]]]:
    path = FOLDER / "results.json"
    if not path.exists():
        return {}
    read: dict[str, list[dict[str, object]]] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _run(module: str) -> list[dict[str, object]] | None:
    command = [sys.executable, "-m", f"bench.{module}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=FOLDER.parent)
    sys.stdout.write(done.stdout)
    if done.returncode != 0:
        return None
    day = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")  # noqa: TID251  # the day of the measurement
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return [{**json.loads(line), "measured": day, "command": f"python -m bench.{module}"} for line in lines]


def _page(kept: dict[str, list[dict[str, object]]]) -> str:
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
    for figures in (kept[name] for name in sorted(kept)):
        rows += [_row(figure) for figure in figures]
    notes = [
        f"- **{figure['name']}**: {figure['note']}"
        for name in sorted(kept)
        for figure in kept[name]
        if figure.get("note")
    ]
    return "\n".join([*rows, "", *notes, ""])


def _row(figure: dict[str, object]) -> str:
    words: dict[object, str] = {True: "met", False: "**missed**", None: "no goal"}
    cells = [
        figure.get("what", figure["name"]),
        _amount(figure, "ours"),
        _amount(figure, "peer"),
        figure.get("ratio", ""),
        figure.get("goal_words", ""),
        words[figure.get("met")],
        figure["measured"],
        f"`{figure['command']}`",
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _amount(figure: dict[str, object], key: str) -> str:
    return "" if figure.get(key) is None else f"{figure[key]} {figure.get('unit', '')}".strip()


if __name__ == "__main__":
    raise SystemExit(main())
