"""Tickets and order of 1,000,000 identifiers, against the full order of the reference package.

The peer is consistent_sampler, which defined these tickets; both orders are compared as a whole. Each runs in
a process of its own, in turn; measured is the processor's time, as neither waits for anything.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import time

GOAL = 0.5
WHOLE = 1_000_000
SEED = "8dc5de5a13cc11b2dec9af6a8ace93f4eff6ddb5e9c05bd82f0e4d7e80a6b9b0"


def ours(count: int) -> tuple[float, str]:
    """Seconds and a hash of the order."""
    from inspections.campaigns.drawing.tickets import in_order

    ids = [f"{number:07d}" for number in range(count)]
    start = time.process_time()
    order = [ticket.id for ticket in in_order(SEED, ids)]
    return time.process_time() - start, hashlib.sha256(",".join(order).encode()).hexdigest()


def peer(count: int) -> tuple[float, str]:
    """The same from the reference package."""
    from consistent_sampler import sampler  # type: ignore[import-untyped]  # it ships no types

    ids = [f"{number:07d}" for number in range(count)]
    start = time.process_time()
    order = list(sampler(ids, seed=SEED, with_replacement=False, output="id"))
    return time.process_time() - start, hashlib.sha256(",".join(order).encode()).hexdigest()


def _measured(who: str, count: int) -> tuple[float, str]:
    command = [sys.executable, "-m", "bench.bench_draw", "--one", who, "--ids", str(count)]
    seconds, digest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(seconds), digest


def main() -> int:
    """Print one figure, or with --one the seconds of one side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ids", type=int, default=WHOLE)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--one", choices=["ours", "peer"])
    asked = parser.parse_args()
    if asked.one:
        seconds, digest = {"ours": ours, "peer": peer}[asked.one](asked.ids)
        print(seconds, digest)
        return 0
    turns = [(_measured("ours", asked.ids), _measured("peer", asked.ids)) for _ in range(asked.turns)]
    if any(mine[1] != theirs[1] for mine, theirs in turns):
        print("the orders differ", file=sys.stderr)
        return 1
    ratio = statistics.median(mine[0] / theirs[0] for mine, theirs in turns)
    figure = {
        "name": "draw",
        "what": f"tickets and order of {asked.ids:,} identifiers",
        "ours": round(statistics.median(mine[0] for mine, _ in turns), 2),
        "peer": round(statistics.median(theirs[0] for _, theirs in turns), 2),
        "unit": "s",
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "goal_words": f"at most {GOAL} times the reference package's full order",
        "met": ratio <= GOAL,
    }
    if not figure["met"]:
        figure["note"] = "slower than its goal on this machine, at this load"
    print(json.dumps(figure, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
