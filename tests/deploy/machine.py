"""An empty Debian without a network: a root in namespaces of its own, with a stand-in for systemd."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inspections.record.configuration import PACKAGE_ROOT

_STANDIN = ("standin_systemctl.py", "unit_files.py")
_PLACE = "usr/lib/standin"
# The real program until the machine has Python: maintainers' scripts call it early, and nothing runs yet.
_SYSTEMCTL = """#!/bin/sh
if [ -x /usr/bin/python3 ]; then
  PYTHONPATH=/usr/lib/standin exec /usr/bin/python3 -m tests.deploy.standin_systemctl "$@"
fi
exit 0
"""
# Adopts and buries what daemons leave behind.
_INIT = "while :; do sleep 1000 & wait $!; done"


@dataclass(frozen=True)
class Machine:
    """A root and the process that holds its namespaces."""

    root: Path
    init: int

    def run(self, script: str, *, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run some lines as root on the machine, as a person would who stops at the first that fails."""
        done = subprocess.run(
            self.command("/bin/bash", "-euo", "pipefail", "-c", script),
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"exit {done.returncode}:\n{script}\n--\n{done.stdout}")
        return done

    def command(self, *command: str) -> list[str]:
        """A command as it is run on the machine."""
        return ["nsenter", "-t", str(self.init), "-m", "-n", "-p", "chroot", str(self.root), *command]

    def sql(self, query: str, database: str = "honghei") -> list[str]:
        """Rows of a query as the database's own administrator, one line each."""
        asked = self.command(
            "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "psql", "-qAt"
        )
        done = subprocess.run(
            [*asked, "-d", database, "-c", query],
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()


_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
}


def make_root(root: Path) -> None:
    """The smallest Debian that still has systemd's program: no Python, no database, no web server."""
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    given = str(sources if sources.exists() else "/etc/apt/sources.list")
    command = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--include=systemd",
        "bookworm",
        str(root),
        given,
    ]
    subprocess.run(command, check=True)
    # What it was made from is not to be reached, even by mistake.
    shutil.rmtree(root / "etc/apt/sources.list.d", ignore_errors=True)
    (root / "etc/apt/sources.list").write_text("", encoding="utf-8")


def put_standin(root: Path) -> None:
    """Put the stand-in for systemd in place."""
    folder = root / _PLACE / "tests" / "deploy"
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    for name in _STANDIN:
        shutil.copy(PACKAGE_ROOT / "tests" / "deploy" / name, folder)
    (root / "usr/bin/systemctl").rename(root / "usr/bin/systemctl.real")
    _script(root / "usr/bin/systemctl", _SYSTEMCTL)
    # Packages start nothing by themselves: our scripts do.
    _script(root / "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n")


def _script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@contextmanager
def booted(root: Path, addresses: Sequence[str]) -> Iterator[Machine]:
    """The machine while it runs: loopback alone, with the addresses that the document speaks of."""
    setup = [
        "mount --make-rprivate /",
        f"mount --bind {root} {root}",
        f"mount --rbind /dev {root}/dev",
        f"mount -t proc proc {root}/proc",
        f"mount -t tmpfs -o mode=0755 tmpfs {root}/run",
        f"mkdir -p {root}/run/systemd/system",
        "ip link set lo up",
        *(f"ip address add {address}/32 dev lo" for address in addresses),
        f"exec chroot {root} /bin/bash -c '{_INIT}'",
    ]
    command = [
        "unshare",
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "bash",
        "-ec",
        "\n".join(setup),
    ]
    holder = subprocess.Popen(command, env=_ENVIRONMENT)
    try:
        machine = Machine(root, _child_of(holder))
        while machine.run("[ -d /run/systemd/system ]", check=False).returncode != 0:
            time.sleep(0.1)
        yield machine
    finally:
        holder.kill()
        holder.wait()


def cabled(*ends: tuple[Machine, str]) -> None:
    """Lay a wire between two machines, each with its address on it."""
    (one, _), (other, _) = ends
    ends_of_wire = ["name", "eth0", "netns", str(one.init), "type", "veth"]
    peer = ["peer", "name", "eth0", "netns", str(other.init)]
    subprocess.run(["ip", "link", "add", *ends_of_wire, *peer], check=True)
    for (machine, address), (_, across) in zip(ends, reversed(ends), strict=True):
        inside = ["nsenter", "-t", str(machine.init), "-n", "ip"]
        for words in (["address", "add", f"{address}/32", "dev", "eth0"], ["link", "set", "eth0", "up"]):
            subprocess.run([*inside, *words], check=True)
        subprocess.run([*inside, "route", "add", f"{across}/32", "dev", "eth0", "src", address], check=True)


def _network_of(process: str) -> str:
    return os.fspath(Path(f"/proc/{process}/ns/net").readlink())


def _child_of(holder: "subprocess.Popen[bytes]") -> int:
    """The first process of the new namespaces."""
    children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children")
    while holder.poll() is None:
        listed = children.read_text(encoding="utf-8").split()
        if listed and _network_of(listed[0]) != _network_of("self"):
            return int(listed[0])
        time.sleep(0.05)
    raise RuntimeError("the machine did not start")
