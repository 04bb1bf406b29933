"""A stand-in for systemd in a root that no systemd has booted: does what a unit file says, as far as one can.

It opens the socket, takes the unit's user, environment, folder and umask, has the unit see and write only
what it may (mounts of its own), gives it no network where it shall have none, and forbids writable code. It
does not know system call filters and memory limits: those are verified from the files alone. What it is not
told about it passes on to the real program, which lies beside it as `systemctl.real`.
"""

import ctypes
import grp
import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.deploy.unit_files import Unit, read_unit

_UNITS, _STATE = Path("/etc/systemd/system"), Path("/run/standin")
_NEW_MOUNTS, _NEW_NETWORK = 0x00020000, 0x40000000
_SET_MDWE, _REFUSE_EXEC_GAIN = 65, 1
_NO_NEW_PRIVILEGES = 38
_libc = ctypes.CDLL(None, use_errno=True)


def _pid_file(name: str) -> Path:
    return _STATE / f"{name}.pid"


def _is_running(name: str) -> bool:
    try:
        os.kill(int(_pid_file(name).read_text()), 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return True


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def _listen(unit: Unit) -> socket.socket:
    path = Path(unit.value("Socket", "ListenStream"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    os.chown(
        path,
        pwd.getpwnam(unit.value("Socket", "SocketUser")).pw_uid,
        grp.getgrnam(unit.value("Socket", "SocketGroup")).gr_gid,
    )
    path.chmod(int(unit.value("Socket", "SocketMode"), 8))
    listening.listen(128)
    return listening


def _mount(*arguments: str) -> None:
    subprocess.run(["/usr/bin/mount", *arguments], check=True)


def _apart(kind: int) -> None:
    if _libc.unshare(kind) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def _shut_in(unit: Unit) -> None:
    """Mounts and network of the unit's own."""
    _apart(_NEW_MOUNTS)
    _mount("--make-rprivate", "/")
    for place in unit.words("Service", "ReadWritePaths"):
        _mount("--bind", place, place)
    _show_only_bound(unit)
    for place in unit.words("Service", "ReadOnlyPaths"):
        _mount("--bind", place, place)
        _mount("-o", "remount,bind,ro", place)
    for spec in unit.words("Service", "InaccessiblePaths"):
        if Path(spec.lstrip("-")).is_dir():
            _mount("-t", "tmpfs", "-o", "mode=0000,ro", "tmpfs", spec.lstrip("-"))
    if unit.value("Service", "PrivateTmp") == "yes":
        _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/tmp")  # noqa: S108  # of the unit's own
    if unit.value("Service", "ProtectSystem") == "strict":
        _mount("-o", "remount,bind,ro", "/")
    if unit.value("Service", "PrivateNetwork") == "yes":
        _apart(_NEW_NETWORK)


def _bound(unit: Unit) -> list[str]:
    return unit.words("Service", "BindReadOnlyPaths")


def _show_only_bound(unit: Unit) -> None:
    """Empty folders in place of what is hidden, and in them what is shown all the same."""
    bound = {_STATE / f"shown-{number}": place for number, place in enumerate(_bound(unit))}
    for kept, place in bound.items():
        kept.mkdir(exist_ok=True)
        _mount("--bind", place, str(kept))
    for spec in unit.words("Service", "TemporaryFileSystem"):
        _mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", spec.split(":")[0])
    for kept, place in bound.items():
        Path(place).mkdir(parents=True, exist_ok=True)
        _mount("--bind", str(kept), place)
        _mount("-o", "remount,bind,ro", place)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _environment(unit: Unit) -> dict[str, str]:
    found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for value in unit.values("Service", "Environment"):
        found.update(_pair(pair) for pair in shlex.split(value))
    for file in unit.values("Service", "EnvironmentFile"):
        if file.startswith("-") and not Path(file[1:]).exists():
            continue
        lines = Path(file.lstrip("-")).read_text(encoding="utf-8").splitlines()
        found.update(_pair(line) for line in lines if "=" in line)
    return found


def _become(unit: Unit, listening: socket.socket | None) -> None:
    """In the child: become the unit's process. Never comes back."""
    user = pwd.getpwnam(unit.value("Service", "User"))
    environment = _environment(unit) | {"HOME": user.pw_dir, "USER": user.pw_name}
    _shut_in(unit)
    os.chdir(unit.value("Service", "WorkingDirectory", "/"))
    os.umask(int(unit.value("Service", "UMask", "0022"), 8))
    if listening is not None:
        os.dup2(listening.fileno(), 3)
        os.set_inheritable(3, True)
        environment |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if unit.value("Service", "MemoryDenyWriteExecute") == "yes":
        _libc.prctl(_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0)
    command = shlex.split(unit.value("Service", "ExecStart").replace("%i", unit.name.split("@")[-1]))
    os.execve(command[0], command, environment)  # noqa: S606  # as systemd does


def _let_go(listening: socket.socket | None) -> None:
    """Keep nothing that whoever called has open, such as a lock: a unit is systemd's child and not his."""
    kept = listening.fileno() if listening is not None else 2
    os.closerange(3, kept)
    os.closerange(kept + 1, 256)


def _fork(unit: Unit, listening: socket.socket | None, log: Path) -> int:
    child = os.fork()
    if child == 0:
        os.setsid()
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        _let_go(listening)
        try:
            _become(unit, listening)
        finally:
            os._exit(127)
    return child


def _start(name: str) -> int:
    if name in {"nginx", "nginx.service", "postgresql", "postgresql.service"}:
        return _other(name.removesuffix(".service"), "start")
    if not name.endswith(".service") or _is_running(name):
        return 0
    unit = read_unit(_UNITS, name)
    if not _may_start(unit):
        return 0
    log = _STATE / f"{name}.log"
    if unit.value("Service", "Type") == "oneshot":
        _, status = os.waitpid(_fork(unit, None, log), 0)
        sys.stdout.write(log.read_text(encoding="utf-8") if status else "")
        return os.waitstatus_to_exitcode(status)
    has_socket = (_UNITS / name.replace(".service", ".socket")).exists()
    listening = _listen(read_unit(_UNITS, name.replace(".service", ".socket"))) if has_socket else None
    _pid_file(name).write_text(str(_fork(unit, listening, log)))
    return 0


def _may_start(unit: Unit) -> bool:
    """Whether its conditions hold; a unit whose do not is not started, which is no failure."""
    for condition in unit.values("Unit", "ConditionPathExists"):
        if Path(condition.lstrip("!")).exists() == condition.startswith("!"):
            sys.stdout.write(f"{unit.name}: condition not met: {condition}\n")
            return False
    return True


def _stop(name: str) -> int:
    if name in {"nginx", "postgresql"}:
        return _other(name, "stop")
    if name.endswith(".service") and _is_running(name):
        pid = int(_pid_file(name).read_text())
        os.kill(pid, signal.SIGTERM)
        while _lives(pid):
            time.sleep(0.1)
        _pid_file(name).unlink()
        socket_file = _UNITS / name.replace(".service", ".socket")
        if socket_file.exists():
            Path(read_unit(_UNITS, socket_file.name).value("Socket", "ListenStream")).unlink(missing_ok=True)
    return 0


def _other(name: str, act: str) -> int:
    """What Debian's own scripts start."""
    if name == "postgresql":
        control = ["/usr/bin/pg_ctlcluster", "--skip-systemctl-redirect", "15", "main"]
        is_up = subprocess.run([*control, "status"], stdout=subprocess.DEVNULL, check=False).returncode == 0
        # What is as it shall be is left alone, as systemd does.
        return 0 if is_up == (act == "start") else subprocess.call([*control, act])
    # `nginx -t` leaves an empty file.
    pid = Path("/run/nginx.pid")
    is_there = pid.exists() and pid.read_text(encoding="utf-8").strip() != ""
    commands = {"start": [] if is_there else ["/usr/sbin/nginx"], "stop": ["/usr/sbin/nginx", "-s", "stop"]}
    command = commands.get(act) or (["/usr/sbin/nginx", "-s", "reload"] if is_there else ["/usr/sbin/nginx"])
    return subprocess.call(command)


def _named(name: str) -> str:
    return name if "." in name or name in {"nginx", "postgresql"} else f"{name}.service"


def main(arguments: list[str]) -> int:
    """The few commands that our scripts and our document give; others are the real program's."""
    _STATE.mkdir(parents=True, exist_ok=True)
    act, names = arguments[0] if arguments else "", [_named(name) for name in arguments[1:]]
    if act == "daemon-reload":
        return 0
    if act == "start":
        return max((_start(name) for name in names), default=0)
    if act == "stop":
        return max((_stop(name) for name in names), default=0)
    if act == "restart":
        return max((_stop(name) or _start(name) for name in names), default=0)
    if act == "reload-or-restart":
        return max((_other(name, "reload") for name in names), default=0)
    offline = {**os.environ, "SYSTEMD_OFFLINE": "1"}
    return subprocess.call(["/usr/bin/systemctl.real", *arguments], env=offline)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
