"""One side of a bench in a process of its own, and what it held at most together with its workers."""

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any


def run_apart(module: str, side: str, path: Path) -> dict[str, Any]:
    """What `module.one(side, path)` prints as JSON in a new process.

    Not `-m`: the run's own workers would import the bench and all it builds with once more.
    """
    program = f"import sys; from {module} import one; one(*sys.argv[1:])"
    command = [sys.executable, "-c", program, side, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def memory_mib(workers: int) -> float:
    """Upper bound of what this process and its workers held at once, in MiB.

    The greatest child's size stands for each of them.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + child * workers) / 1024
