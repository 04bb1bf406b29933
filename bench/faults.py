"""Run every fault test 300 times over and write what happened to FAULTS.md: `make faults`."""

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> int:
    """Run the fault tests with many rounds; the exit code is pytest's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    command = [sys.executable, "-m", "pytest", "-m", "faults", "-v", f"--fault-rounds={rounds}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=FOLDER.parent)
    sys.stdout.write(done.stdout)
    (FOLDER / "FAULTS.md").write_text(_page(done.stdout, rounds), encoding="utf-8")
    return done.returncode


def _page(output: str, rounds: int) -> str:
    day = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")  # noqa: TID251  # the day of the run
    results = re.findall(r"^\S*::(\S+) (PASSED|FAILED|ERROR)", output, re.MULTILINE)
    rows = [f"| {name.replace('_', ' ')} | {rounds} | {word.lower()} |" for name, word in results]
    lines = [
        "# Faults",
        "",
        f"Written by `make faults` on {day}. Each test kills real processes with SIGKILL, {rounds} times,",
        "at instants drawn from a fixed seed, and then looks at what a reader and the next run find.",
        "",
        "| Promise | Rounds | Result |",
        "|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
