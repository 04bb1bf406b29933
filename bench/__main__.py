"""Run every bench_*.py of this folder, or those named, and keep what they measured: `make bench`.

A bench prints one JSON line per figure: `name`, `what`, `ours`, `peer`, `unit`, `ratio`, `goal` (the limit
as a number, or none), `goal_words`, `met` (true, false, or none where there is no goal), and further keys.
"""

import json
import subprocess
import sys

from bench.results import FOLDER, Figure, keep


def main() -> int:
    """Run the benches; the exit code tells whether each of them could measure."""
    wanted = set(sys.argv[1:])
    failed = []
    for script in sorted(FOLDER.glob("bench_*.py")):
        if wanted and script.stem not in wanted and script.stem.removeprefix("bench_") not in wanted:
            continue
        print(f"== {script.stem}", flush=True)
        figures = _run(script.stem)
        if figures is None:
            failed.append(script.stem)
        else:
            keep(script.stem, figures, f"python -m bench.{script.stem}")
    if failed:
        print(f"not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(module: str) -> list[Figure] | None:
    command = [sys.executable, "-m", f"bench.{module}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=FOLDER.parent)
    sys.stdout.write(done.stdout)
    if done.returncode != 0:
        return None
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


if __name__ == "__main__":
    raise SystemExit(main())
