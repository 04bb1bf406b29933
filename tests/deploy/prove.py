"""`make deploy-proof`: every step of docs/deploy.md on a second, empty Debian without a network.

Takes the commands out of the document and runs them as they stand. It collects on this machine (which has the
registries), installs on the other, imports a register, prints plates, updates to a next version (killed in
the middle once), goes back, updates again, restores a backup; and looks at who can read and change what. Then
the same on two servers.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inspections.record.configuration import PACKAGE_ROOT
from tests.deploy.document import blocks_of_document
from tests.deploy.machine import Machine, booted, make_root, put_standin
from tests.deploy.proof import UNITS, Proof, put_register, run_block
from tests.deploy.prove_two import prove_two

ADDRESSES = ("203.0.113.10", "192.168.10.5")
_USB = "/media/usb"
# A next version: a column more, a table that is written anew, and long enough to be killed in it.
_NEXT = '''"""The next version's form."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", "{head}", None, None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("room", sa.String(), nullable=True))
    op.execute("UPDATE accounts SET room = '一楼'")
    op.execute("SELECT pg_sleep(4)")
    op.create_table("rooms", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("rooms")
    op.drop_column("accounts", "room")
'''
_NEXT_INBOX = '''"""The next version's form of the Inbox."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "inbox_9001", "inbox_{head}", None, None


def upgrade() -> None:
    op.create_table("rooms", sa.Column("id", sa.Integer(), primary_key=True))


def downgrade() -> None:
    op.drop_table("rooms")
'''
# What changes by itself while nobody does anything.
_RESTLESS = {
    "job_runs",
    "leases",
    "audit_head",
    "site_state",
    "site_pages",
    "changes",
    "alembic_version",
    "site_copy",
}
# The owner of the databases is not let in; nginx refuses its configuration; somebody stops it, and once more.
_FAILURES = {
    "the database": (
        "limit() {{ setpriv --reuid=postgres --regid=postgres --init-groups psql -qd postgres -c"
        ' "ALTER ROLE honghei CONNECTION LIMIT $1"; }}; cd /; limit 0; {restore} || true; limit -1'
    ),
    "nginx": (
        "echo nonsense >/etc/nginx/conf.d/x.conf; {restore} || true; rm /etc/nginx/conf.d/x.conf;"
        " systemctl reload-or-restart nginx"
    ),
    "being stopped": (
        "{restore} >/root/lost.log 2>&1 & it=$!; until grep -q '· 恢复' /root/lost.log; do sleep 0.1; done;"
        " kill -TERM $it; sleep 0.5; kill -TERM $it; wait $it || true; cat /root/lost.log"
    ),
}
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"

Rows = dict[str, set[str]]


def main() -> int:
    """Run the whole proof in a folder that is deleted afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="what was collected stays here and is used again")
    parser.add_argument("--servers", choices=["one", "two"], help="prove only this; otherwise both")
    wanted = parser.parse_args()
    kept: Path | None = wanted.folder
    subprocess.run([PACKAGE_ROOT / "tests" / "provide_packages.sh", "mmdebstrap"], check=True)
    # Not below /tmp, which may be small: two collections and a system.
    folder = kept or Path(tempfile.mkdtemp(prefix="hhb-deploy-", dir="/var/tmp"))  # a name nobody guesses
    proof = Proof()
    try:
        if not (folder / "empty").exists():
            _collect(folder)
            make_root(folder / "empty")
        if wanted.servers != "two":
            prove_one(folder, proof)
        if wanted.servers != "one":
            prove_two(folder, proof)
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"{proof.held} passed, {len(proof.broken)} failed\n")
    return 1 if proof.broken else 0


def prove_one(folder: Path, proof: Proof) -> None:
    """The whole life of one server, from what was collected."""
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", folder / "empty", root], check=True)
    put_standin(root)
    for name in ("honghei", "honghei-next"):
        shutil.copytree(folder / "usb" / name, root / "root" / name)
    with booted(root, ADDRESSES) as machine:
        _prove(machine, proof)
    shutil.rmtree(root)


def _collect(folder: Path) -> None:
    (folder / "usb").mkdir(parents=True)
    this, following = folder / "program", folder / "next"
    for target in (this, following):
        subprocess.run(["git", "clone", "-q", PACKAGE_ROOT, target], check=True)
    _make_next(following)
    for where, program in (("collector", this), ("collector-next", following)):
        for block in blocks_of_document():
            if block.where == where:
                script = block.text.replace(_USB, str(folder / "usb"))
                began = time.monotonic()
                subprocess.run(["bash", "-euc", script], cwd=program, check=True, stdout=subprocess.DEVNULL)
                sys.stdout.write(f"collected in {time.monotonic() - began:.0f} s\n")


def _make_next(program: Path) -> None:
    """Commit a next version on top of the present one."""
    versions = program / "inspections/record/migrations/versions"
    head = max(path.stem for path in versions.glob("[0-9]*.py"))[:4]
    (versions / "9001_rooms.py").write_text(_NEXT.format(head=head), encoding="utf-8")
    inbox = program / "inspections/inbox/migrations/versions"
    head = max(path.stem for path in inbox.glob("[0-9]*.py"))[:4]
    (inbox / "9001_rooms.py").write_text(_NEXT_INBOX.format(head=head), encoding="utf-8")
    project = program / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("version = "))
    project.write_text(text.replace(line, 'version = "99.0.0"'), encoding="utf-8")
    for command in (
        ["add", "-A"],
        ["-c", "user.name=x", "-c", "user.email=x@example.cn", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=program, check=True)


def _prove(machine: Machine, proof: Proof) -> None:
    seen = machine.run("cat /proc/net/dev; command -v python3 psql nginx git || true").stdout
    proof.holds(
        "the machine is empty and has no network", seen.count(":") == 1 and "/python3" not in seen, seen
    )
    _steps(machine, proof, "server", before=put_register)
    _look_at_work(machine, proof)
    _look_at_rights(machine, proof)
    rows, addresses = _rows(machine), _addresses(machine)
    _killed_update(machine, proof)
    _half_made(machine, proof, "装 99.0.0")
    machine.run("honghei-back --yes")
    _kept(machine, proof, "going back on a killed update", rows, addresses)
    _killed_way_back(machine, proof)
    _kept(machine, proof, "going back on an update that had changed the database", rows, addresses)
    _killed_update(machine, proof)
    _steps(machine, proof, "server-next")
    _kept(machine, proof, "the update", rows, addresses)
    proof.holds("the next version runs", machine.sql("SELECT room FROM accounts LIMIT 1") == ["一楼"])
    again = machine.run("cd /root/honghei-next && ./install").stdout
    proof.holds("installing twice changes nothing", "没有变化" in again and "备份" not in again, again)
    machine.run("honghei backup /var/backups/honghei")
    newer = _newest_backup(machine)
    _steps(machine, proof, "back")
    _kept(machine, proof, "going back", rows, addresses)
    refused = machine.run(f"honghei-restore {newer}", check=False)
    told = (
        refused.returncode != 0
        and "是更新版本的程序建的" in refused.stdout
        and "现在的数据" not in refused.stdout
    )
    proof.holds("a backup of a newer version is refused first", told, refused.stdout)
    _kept(machine, proof, "the refusal", rows, addresses)
    tables = machine.sql(_TABLES)
    proof.holds("the earlier form of the database is back", "rooms" not in tables, str(tables))
    _steps(machine, proof, "server-next")
    _kept(machine, proof, "updating again", rows, addresses)
    machine.run("systemctl start honghei-backup")
    for why, script in _FAILURES.items():
        _restore_that_fails(machine, proof, why, script)
        _kept(machine, proof, f"a restore that failed by {why}", rows, addresses)
    _killed_restore(machine, proof)
    _kept(machine, proof, "a restore that was killed and run again", rows, addresses)
    machine.run("chown -R root:root /var/backups/honghei && chmod -R go= /var/backups/honghei")
    with _asking_meanwhile(machine) as answers:
        _steps(machine, proof, "restore")
    proof.holds("the pages are served all the time", set(answers()) == {"200"}, str(set(answers())))
    _kept(machine, proof, "the restored backup", rows, addresses)
    _look_at_rights(machine, proof)


def _steps(
    machine: Machine, proof: Proof, where: str, before: Callable[[Machine, str], None] | None = None
) -> None:
    """Run the document's blocks of one kind, in order, as they stand."""
    for block in blocks_of_document():
        if block.where != where:
            continue
        if before is not None:
            before(machine, block.text)
        run_block(machine, block, proof)


def _look_at_work(machine: Machine, proof: Proof) -> None:
    count = machine.sql("SELECT count(*) FROM catering_units")
    proof.holds("the register is in", count == [str(UNITS)], str(count))
    made = machine.run("head -c 5 /var/lib/honghei/files/公示牌.pdf").stdout
    proof.holds("the plates are printed", made == "%PDF-", made)
    code = machine.sql("SELECT code FROM premises ORDER BY id LIMIT 1")[0]
    resolve = f"--resolve canyin.example.cn:443:{ADDRESSES[0]}"
    page = machine.run(f"curl -sSk --compressed {resolve} https://canyin.example.cn/s/{code}/").stdout
    proof.holds("a storefront page is served by nginx", code in page and "号饭店" in page, page[:300])
    asked = f"curl -sSk {resolve} -G --data-urlencode q=号饭店 https://canyin.example.cn/search"
    found = machine.run(asked).stdout
    proof.holds("the search finds it", "号饭店" in found, found[:300])
    moved = machine.run(
        f"curl -sS -o /dev/null -w '%{{http_code}} %{{redirect_url}}' http://{ADDRESSES[1]}/x"
    ).stdout
    proof.holds("what is not encrypted leads to what is", moved == f"308 https://{ADDRESSES[1]}/x", moved)
    inbox = machine.run(f"curl -sSk {resolve} https://canyin.example.cn/in/nominate").stdout
    proof.holds(
        "the Inbox answers", "某区市场监督管理局" in inbox or "某区餐饮安全公示" in inbox, inbox[:300]
    )
    told = machine.run(f"curl -sSk https://{ADDRESSES[1]}/health").stdout
    proof.holds("/health says ok", told == "ok\n", told)
    rotated = machine.run("logrotate -f /etc/logrotate.d/honghei && ls /var/log/nginx/honghei").stdout
    proof.holds("the logs are rotated", "public.log.1" in rotated, rotated)
    exposed = machine.run(
        "for unit in public inbox staff schedule; do systemd-analyze security --offline=true --threshold=20"
        " --no-pager honghei-$unit.service | tail -n 1; done",
        check=False,
    )
    proof.holds("no surface is more exposed than 2.0", exposed.returncode == 0, exposed.stdout)


def _look_at_rights(machine: Machine, proof: Proof) -> None:
    def may(user: str, script: str) -> bool:
        command = f"setpriv --reuid={user} --regid={user} --clear-groups bash -c {_quoted(script)}"
        return machine.run(command, check=False).returncode == 0

    house = "psql -h /run/postgresql -v ON_ERROR_STOP=1 -d honghei -c"
    inbox = house.replace("-d honghei", "-d honghei_inbox")
    site, key = "/var/lib/honghei/site/index.html", "/etc/honghei/tls/public.key"
    secret, program = "/var/lib/honghei/secret.key", "/opt/honghei/current/app.py"
    change, drop = "UPDATE audit_events SET actor = $$x$$", "DELETE FROM audit_events"
    promises: list[tuple[str, bool]] = [
        ("the staff's user reads the audit", may("honghei-staff", f"{house} 'TABLE audit_events'")),
        ("nobody changes it", not may("honghei-staff", f"{house} '{change}'")),
        ("nobody deletes from it", not may("honghei-staff", f"{house} '{drop}'")),
        ("no surface makes a table", not may("honghei-staff", f"{house} 'CREATE TABLE x (y int)'")),
        ("the Inbox cannot open the house", not may("honghei-inbox", f"{house} 'SELECT 1'")),
        ("the public site can open no database", not may("honghei-public", f"{house} 'SELECT 1'")),
        ("the Inbox opens its own", may("honghei-inbox", f"{inbox} 'TABLE site_copy'")),
        ("the public site reads what is published", may("honghei-public", f"cat {site}")),
        ("and nothing else", not may("honghei-public", "ls /var/lib/honghei/evidence")),
        ("nor the keys", not may("honghei-staff", f"cat {key}")),
        ("no surface reads another's key", not may("honghei-inbox", f"cat {secret}")),
        ("nor changes the program", not may("honghei-staff", f"touch {program}")),
    ]
    for promise, holds in promises:
        proof.holds(promise, holds)


def _newest_backup(machine: Machine) -> str:
    listed = "find /var/backups/honghei -maxdepth 1 -name 'backup-*Z' | sort | tail -n 1"
    return machine.run(listed).stdout.strip()


def _restore_that_fails(machine: Machine, proof: Proof, why: str, script: str) -> None:
    """Whatever goes wrong after everything was put aside: what was there is there again, and runs."""
    listed, folders = (
        "SELECT datname FROM pg_database ORDER BY 1",
        "ls -d /var/lib/honghei-2* 2>/dev/null || true",
    )
    before, aside = machine.sql(listed), machine.run(folders).stdout
    failed = machine.run(script.format(restore=f"honghei-restore {_newest_backup(machine)}"), check=False)
    told = "原来的数据已经换回" in failed.stdout
    proof.holds(f"a restore that fails by {why} puts back what was there", told, failed.stdout)
    left = machine.sql(listed)
    proof.holds("and leaves no half database", left == before, str(left))
    proof.holds("nor half a folder", machine.run(folders).stdout == aside, machine.run(folders).stdout)
    well = machine.run("honghei health && honghei verify", check=False)
    proof.holds("and everything runs", well.returncode == 0, well.stdout)


def _killed_way_back(machine: Machine, proof: Proof) -> None:
    """The power fails after an update has changed the database, and again on the way back from it."""
    _killed(machine, "cd /root/honghei-next && ./install", lambda log: "· nginx" in _text(log))
    version = machine.sql("SELECT version_num FROM alembic_version")
    proof.holds("the update has changed the database", version == ["9001"], str(version))
    _half_made(machine, proof, "装 99.0.0")
    _killed(machine, "honghei-back --yes", lambda log: "· 恢复\n" in _text(log))
    _half_made(machine, proof, "退回没有做完")
    machine.run("honghei-restore --undo")
    # What the restore was begun on is there again: an update that is half made, and nothing better.
    _half_made(machine, proof, "装 99.0.0")
    done = machine.run("honghei-back --yes").stdout
    proof.holds("the way back says which program it ends at", "已恢复，程序是 0." in done, done)
    well = machine.run("honghei health && honghei verify", check=False)
    proof.holds("and everything runs", well.returncode == 0, well.stdout)


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _killed_restore(machine: Machine, proof: Proof) -> None:
    """The power fails while a backup is put in place of the data: run again, it puts the data aside once."""
    listed = "SELECT datname FROM pg_database ORDER BY 1"
    before, restore = machine.sql(listed), f"honghei-restore {_newest_backup(machine)}"
    _killed(machine, restore, lambda log: "· 恢复\n" in _text(log))
    _half_made(machine, proof, "恢复没有做完：请再运行 honghei-restore")
    refused = machine.run("cd /root/honghei-next && ./install", check=False)
    told = refused.returncode != 0 and "做完再安装" in refused.stdout
    proof.holds("nothing is installed on half a restore", told, refused.stdout)
    done = machine.run(restore).stdout
    (aside,) = {name for name in machine.sql(listed) if name not in before and "inbox" not in name}
    kept = machine.sql("SELECT count(*) FROM catering_units", aside)
    told = f"rm -r /var/lib/honghei-{aside.removeprefix('honghei_')}" in done and f"dropdb {aside}" in done
    proof.holds("what was there is aside once, whole, and named", told and kept == [str(UNITS)], done)
    sheet = machine.run("test -s /var/lib/honghei/files/名册.xlsx", check=False)
    proof.holds("the bureau's files are where they were", sheet.returncode == 0)


def _half_made(machine: Machine, proof: Proof, says: str) -> None:
    """As long as a change is half made nothing starts on it, and everybody is told what to run."""
    machine.run("systemctl start honghei-staff honghei-schedule")
    desk = machine.run("curl -sk -o /dev/null -w '%{http_code}' https://192.168.10.5/desk/sign-in").stdout
    proof.holds(f"nothing starts on what is half made ({says})", desk.startswith("5"), desk)
    for command in ("honghei health", "honghei publish", "systemctl start honghei-health"):
        told = machine.run(command, check=False)
        holds = told.returncode != 0 and says in told.stdout
        proof.holds(f"`{command}` says what to run", holds, told.stdout)


@contextmanager
def _asking_meanwhile(machine: Machine) -> Iterator[Callable[[], list[str]]]:
    """Ask for the first page twice a second; gives what was answered."""
    page = f"--resolve canyin.example.cn:443:{ADDRESSES[0]} https://canyin.example.cn/"
    ask = f"curl -sSk -o /dev/null -w '%{{http_code}}\\n' {page}; sleep 0.5"
    machine.run(f"touch /run/asking; (while [ -e /run/asking ]; do {ask}; done) >/run/answers 2>&1 &")
    try:
        yield lambda: machine.run("cat /run/answers").stdout.split()
    finally:
        machine.run("rm -f /run/asking")


def _quoted(script: str) -> str:
    return "'" + script.replace("'", "'\\''") + "'"


def _rows(machine: Machine) -> Rows:
    """A hash of every row of every table that rests; a column that a next version adds does not count."""
    hashes: Rows = {}
    for database in ("honghei", "honghei_inbox"):
        for table in machine.sql(_TABLES, database):
            if table not in _RESTLESS:
                query = f"SELECT md5((to_jsonb(t) - 'room')::text) FROM {table} t"  # noqa: S608  # our own tables
                hashes[table] = set(machine.sql(query, database))
    return hashes


def _addresses(machine: Machine) -> list[str]:
    return machine.run(
        "cd /var/lib/honghei/site && find . -type f ! -name '*.br' ! -name '*.gz' | sort"
    ).stdout.split()


def _kept(machine: Machine, proof: Proof, after: str, rows: Rows, addresses: list[str]) -> None:
    now = _rows(machine)
    lost = {
        table: len(before - now.get(table, set()))
        for table, before in rows.items()
        if before - now.get(table, set())
    }
    proof.holds(f"{after} kept every row", not lost, str(lost))
    proof.holds(f"{after} kept every address", _addresses(machine) == addresses)


def _killed_update(machine: Machine, proof: Proof) -> None:
    """The power fails while the next version changes the database."""
    asking = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(4)%' AND pid <> pg_backend_pid()"
    _killed(machine, "cd /root/honghei-next && ./install", lambda _log: bool(machine.sql(asking)))
    # What a power failure ends at once.
    for backend in machine.sql(asking):
        machine.sql(f"SELECT pg_terminate_backend({backend})")
    version = machine.sql("SELECT version_num FROM alembic_version")
    proof.holds("a killed migration has not happened", version != ["9001"], str(version))


def _killed(machine: Machine, script: str, is_time: Callable[[Path], bool]) -> None:
    """Run a script until it is time, then end it and all that it started."""
    command = machine.command("/bin/bash", "-c", script)
    log = machine.root / "root" / "killed.log"
    with log.open("wb") as out:
        running = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    while not is_time(log):
        if running.poll() is not None:
            raise SystemExit(f"it ended before it could be killed\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


if __name__ == "__main__":
    raise SystemExit(main())
