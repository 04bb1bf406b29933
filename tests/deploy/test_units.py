"""Promises of the units: each surface has a user of its own and can do no more than its work."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from inspections.record.configuration import PACKAGE_ROOT
from tests.deploy.unit_files import Unit, read_unit

UNITS = PACKAGE_ROOT / "deploy" / "systemd"
NAMES = sorted(path.name for path in UNITS.glob("honghei*.*") if path.is_file())
SERVICES = [name.replace("@", "@x") for name in NAMES if name.endswith(".service")]
SURFACES = ("public", "inbox", "staff")
# Hundredths of systemd's own measure from 0 (nothing left to take away) to 10.
EXPOSED_AT_MOST = 20


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the units and every program that they name."""
    root = tmp_path_factory.mktemp("root")
    target = root / "etc/systemd/system"
    shutil.copytree(UNITS, target, ignore=shutil.ignore_patterns("networked"))
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    for name in SERVICES:
        program = root / read_unit(UNITS, name).value("Service", "ExecStart").split()[0].lstrip("/")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    return root


def _analyze(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = ["systemd-analyze", f"--root={root}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _unit(name: str) -> Unit:
    return read_unit(UNITS, name)


@pytest.mark.packages
def test_systemd_takes_every_unit_without_a_word(root: Path) -> None:
    names = [name.replace("@", "@x") for name in NAMES]
    done = _analyze(root, "verify", *names)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.packages
def test_systemd_names_what_is_wrong_with_a_unit(root: Path) -> None:
    wrong = root / "etc/systemd/system/honghei-wrong.service"
    wrong.write_text("[Service]\nExecStart=/opt/nothing\nProtectSytem=strict\n", encoding="utf-8")
    done = _analyze(root, "verify", wrong.name)
    assert "ProtectSytem" in done.stderr
    wrong.unlink()


@pytest.mark.packages
@pytest.mark.parametrize("name", SERVICES)
def test_no_service_is_more_exposed_than_two_tenths(root: Path, name: str) -> None:
    limit = (
        EXPOSED_AT_MOST if _unit(name).value("Service", "PrivateNetwork") == "yes" else 2 * EXPOSED_AT_MOST
    )
    done = _analyze(root, "security", "--offline=true", f"--threshold={limit}", "--no-pager", name)
    assert done.returncode == 0, done.stdout[-400:]


def test_each_surface_runs_as_a_user_of_its_own_and_nobody_as_root() -> None:
    users = {name: _unit(f"honghei-{name}.service").value("Service", "User") for name in SURFACES}
    assert users == {name: f"honghei-{name}" for name in SURFACES}
    assert all(_unit(name).value("Service", "User").startswith("honghei-") for name in SERVICES)


def test_what_the_schedule_publishes_everybody_may_read_and_a_backup_nobody() -> None:
    # What stands in a drop-in comes after the unit: the umask that holds is the one that is read last.
    holds = {name: read_unit(UNITS, name).value("Service", "UMask") for name in SERVICES}
    assert holds.pop("honghei-schedule.service") == "0022"
    assert holds.pop("honghei-backup.service") == "0077"
    assert set(holds.values()) == {"0027"}


@pytest.mark.parametrize("surface", SURFACES)
def test_a_surface_has_no_network_and_only_nginx_reaches_it(surface: str) -> None:
    service, channel = _unit(f"honghei-{surface}.service"), _unit(f"honghei-{surface}.socket")
    assert service.value("Service", "PrivateNetwork") == "yes"
    assert service.words("Service", "RestrictAddressFamilies") == ["AF_UNIX"]
    assert channel.value("Socket", "ListenStream") == f"/run/honghei/{surface}.sock"
    assert (channel.value("Socket", "SocketMode"), channel.value("Socket", "SocketGroup")) == (
        "0660",
        "www-data",
    )


def test_what_speaks_to_other_machines_says_so_and_nothing_else_does() -> None:
    speaking = {name for name in SERVICES if _unit(name).value("Service", "PrivateNetwork") != "yes"}
    assert speaking == {"honghei-push.service", "honghei-alarm@x.service", "honghei-health.service"}


def test_nothing_starts_on_data_that_is_half_changed_but_what_tells_of_it() -> None:
    condition = "!/opt/honghei/unfinished"
    bound = {name for name in NAMES if condition in _unit(name).values("Unit", "ConditionPathExists")}
    acting = {name for name in NAMES if name.endswith((".service", ".socket"))}
    assert acting - bound == {"honghei-alarm@.service", "honghei-health.service"}


def test_the_public_surface_sees_what_is_published_and_writes_nothing() -> None:
    public = _unit("honghei-public.service")
    assert public.words("Service", "BindReadOnlyPaths") == [
        "/var/lib/honghei/site",
        "/var/lib/honghei/search",
    ]
    assert public.words("Service", "TemporaryFileSystem") == ["/var/lib:ro"]
    assert public.words("Service", "ReadWritePaths") == []
    assert "-/run/postgresql" in public.words("Service", "InaccessiblePaths")
    desk = _unit("honghei-staff.service")
    assert "/var/lib/honghei/site" in desk.words("Service", "ReadOnlyPaths"), "only the schedule publishes"


def test_no_service_can_read_the_keys_of_the_server() -> None:
    for name in SERVICES:
        unit = _unit(name)
        if name != "honghei-alarm@x.service":
            assert "-/etc/honghei" in unit.words("Service", "InaccessiblePaths"), name


def test_every_timer_has_its_service_and_says_the_bureaus_time() -> None:
    timers = [name for name in NAMES if name.endswith(".timer")]
    assert len(timers) == 4
    for name in timers:
        assert (UNITS / name.replace(".timer", ".service")).exists()
        when = _unit(name).value("Timer", "OnCalendar")
        assert "Asia/Shanghai" in when or re.search(r"\*:", when), when


@pytest.mark.packages
def test_every_moment_of_the_timers_is_one_that_systemd_understands() -> None:
    for name in NAMES:
        if name.endswith(".timer"):
            when = _unit(name).value("Timer", "OnCalendar")
            subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


@pytest.mark.packages
def test_logrotate_takes_our_file(tmp_path: Path) -> None:
    mine = tmp_path / "honghei"
    shutil.copyfile(PACKAGE_ROOT / "deploy" / "logrotate", mine)
    mine.chmod(0o644)
    done = subprocess.run(["/usr/sbin/logrotate", "-d", mine], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "error" not in done.stderr.lower(), done.stderr
