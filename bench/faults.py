"""Run every fault test 300 times over and write what happened to FAULTS.md: `make faults`."""

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent
PAGE = FOLDER / "FAULTS.md"
_ROW = re.compile(r"^\| (test .+?) \| (.*) \|$", re.MULTILINE)


def main() -> int:
    """Run the fault tests, or those of the named files, with many rounds; the exit code is pytest's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("tests", nargs="*", help="only these files; rows of others stay as they are")
    wanted = parser.parse_args()
    command = [sys.executable, "-m", "pytest", "-m", "faults", "-v", f"--fault-rounds={wanted.rounds}"]
    done = subprocess.run(
        [*command, *wanted.tests], stdout=subprocess.PIPE, text=True, check=False, cwd=FOLDER.parent
    )
    sys.stdout.write(done.stdout)
    kept = dict(_ROW.findall(PAGE.read_text(encoding="utf-8"))) if wanted.tests and PAGE.exists() else {}
    PAGE.write_text(_page(kept | _rows(done.stdout, wanted.rounds)), encoding="utf-8")
    return done.returncode


def _rows(output: str, rounds: int) -> dict[str, str]:
    day = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")  # noqa: TID251  # the day of the run
    results = re.findall(r"^\S*::(\S+) (PASSED|FAILED|ERROR)", output, re.MULTILINE)
    return {name.replace("_", " "): f"{rounds} | {word.lower()} | {day}" for name, word in results}


def _page(rows: dict[str, str]) -> str:
    lines = [
        "# Faults",
        "",
        "Written by `make faults`. Each test kills real processes with SIGKILL, as often as its row says, at",
        "instants drawn from a fixed seed, and then looks at what a reader and the next run find.",
        "",
        "| Promise | Rounds | Result | Measured |",
        "|---|---|---|---|",
        *(f"| {promise} | {said} |" for promise, said in sorted(rows.items())),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
