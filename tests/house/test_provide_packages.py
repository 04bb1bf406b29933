"""Promises of the script that provides packages: silent when all is there, else one line says what to do.

It runs with stand-ins for the machine's own tools, so that nothing is installed.
"""

import os
import subprocess
from pathlib import Path

import pytest

from inspections.record.configuration import PACKAGE_ROOT

SCRIPT = PACKAGE_ROOT / "tests" / "provide_packages.sh"
SERVER = ("systemd", "logrotate", "nginx-light", "libnginx-mod-http-brotli-static")
ALL = ("chromium", "postgresql", "poppler-utils", "fonts-noto-cjk", "fonts-hanazono", *SERVER)
PLEASE = "测试还缺软件包，请先安装：sudo apt-get install"


class Machine:
    """A machine with some packages, whose `apt-get` writes down what it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked = folder / "asked"
        for tool in ("bash", "env", "grep", "mktemp", "tail", "rm", "true"):
            (folder / tool).symlink_to(
                next(p for p in (Path("/usr/bin") / tool, Path("/bin") / tool) if p.exists())
            )
        self.has(*ALL)

    def has(self, *packages: str) -> None:
        """These packages are installed, and no others."""
        listed = " ".join(packages)
        self._tool(
            "dpkg-query", f'case " {listed} " in *" $3 "*) echo install ok installed;; *) exit 1;; esac'
        )

    def user(self, number: int) -> None:
        """Who runs the script; 0 is root."""
        self._tool("id", f"echo {number}")

    def apt(self, code: int, says: str = "") -> None:
        """How `apt-get` ends, and what it says."""
        self._tool("apt-get", f'echo "$@" >> {self.asked}; echo "{says}"; exit {code}')

    def sudo(self, code: int) -> None:
        """Whether `sudo` lets the user in without a password."""
        self._tool("sudo", f'[ {code} -eq 0 ] || exit {code}; shift; exec "$@"')

    def _tool(self, name: str, body: str) -> None:
        (self.folder / name).write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        (self.folder / name).chmod(0o755)

    def run(self, *further: str) -> "subprocess.CompletedProcess[str]":
        """Run the script with this machine's tools and no others."""
        environment = {"PATH": os.fspath(self.folder), "TMPDIR": os.fspath(self.folder)}
        return subprocess.run(
            ["/bin/bash", SCRIPT, *further], env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with all packages, run by an ordinary user without `sudo`."""
    made = Machine(tmp_path)
    made.user(1000)
    return made


def test_where_everything_is_there_nothing_is_said_or_done(machine: Machine) -> None:
    machine.apt(1)
    done = machine.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not machine.asked.exists()


@pytest.mark.parametrize("sudo", [None, 1])
def test_where_it_may_not_install_one_line_says_what_to_install(machine: Machine, sudo: int | None) -> None:
    machine.has("postgresql", "poppler-utils", "fonts-noto-cjk", *SERVER)
    if sudo is not None:
        machine.sudo(sudo)
    done = machine.run()
    assert done.returncode == 1
    assert done.stdout + done.stderr == f"{PLEASE} chromium fonts-hanazono\n"


@pytest.mark.parametrize("as_root", [True, False])
def test_where_it_may_it_installs_what_is_missing_and_what_is_named_besides(
    machine: Machine, as_root: bool
) -> None:
    machine.has("chromium", "poppler-utils", "fonts-noto-cjk", "fonts-hanazono", *SERVER)
    machine.apt(0)
    if as_root:
        machine.user(0)
    else:
        machine.sudo(0)
    done = machine.run("hugo")
    assert (done.returncode, done.stderr) == (0, "")
    update, install = machine.asked.read_text(encoding="utf-8").splitlines()
    assert update.endswith("update")
    assert install.endswith("install -y --no-install-recommends postgresql hugo")


def test_where_installing_fails_the_reason_stands_before_the_line(machine: Machine) -> None:
    machine.has(*ALL[1:])
    machine.user(0)
    machine.apt(100, "E: Unable to locate package chromium")
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["E: Unable to locate package chromium", f"{PLEASE} chromium"]
