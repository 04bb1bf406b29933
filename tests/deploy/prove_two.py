"""Two servers, by the tenth section of docs/deploy.md: an outer and an inner machine and a wire between."""

import shutil
import subprocess
from pathlib import Path

from tests.deploy.document import Block, blocks_of_document
from tests.deploy.machine import Machine, booted, cabled, put_standin
from tests.deploy.proof import UNITS, Proof, put_register, run_block

OUTER, INNER = "203.0.113.10", "192.168.10.5"
_CHOICES = {
    "public": f"ROLE=public\nPUBLIC_NAME=canyin.example.cn\nPUBLIC_ADDRESS={OUTER}\n",
    "inside": (
        f"ROLE=inside\nPUBLIC_NAME=canyin.example.cn\nINSIDE_NAME={INNER}\nINSIDE_ADDRESS={INNER}\n"
        f"INSIDE_NETWORKS=192.168.10.0/24\nPUSH_TO=honghei-push@{OUTER}:\n"
    ),
}
_LETTER = (
    "INSERT INTO inbox_entries (public_id, kind, text, received_at)"
    " VALUES ('letter', 'order_answer', '{}', now() AT TIME ZONE 'UTC')"
)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_KEY, _URL = "var/lib/honghei/.ssh/id_ed25519.pub", "root/inbox-url"
_RESOLVE = f"--resolve canyin.example.cn:443:{OUTER}"


def prove_two(folder: Path, proof: Proof) -> None:
    """Install both roles from what was collected, connect them, publish from the one to the other."""
    roots = {name: folder / f"two-{name}" for name in _CHOICES}
    for root in roots.values():
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["cp", "-a", folder / "empty", root], check=True)
        put_standin(root)
        for release in ("honghei", "honghei-next"):
            shutil.copytree(folder / "usb" / release, root / "root" / release)
    with booted(roots["public"], ()) as outer, booted(roots["inside"], ()) as inner:
        cabled((outer, OUTER), (inner, INNER))
        _prove({"two-public": outer, "two-inside": inner}, proof)


def _prove(machines: dict[str, Machine], proof: Proof) -> None:
    outer, inner = machines["two-public"], machines["two-inside"]
    for name, machine in (("public", outer), ("inside", inner)):
        machine.run("cd /root/honghei && ./install")
        (machine.root / "etc/honghei/honghei.conf").write_text(_CHOICES[name], encoding="utf-8")
        done = machine.run("cd /root/honghei && ./install", check=False)
        proof.holds(f"the {name} server is installed", "已装好" in done.stdout, done.stdout)
    # Debian starts it where systemd runs.
    outer.run("mkdir -p /run/sshd && /usr/sbin/sshd")
    for block in blocks_of_document():
        if block.where in machines:
            _carried(block, outer, inner, proof)
            run_block(machines[block.where], block, proof)
    _look(outer, inner, proof)
    _later(outer, inner, proof)
    _carry(outer, inner, proof)


def _later(outer: Machine, inner: Machine, proof: Proof) -> None:
    """The next version, the way back and a restored backup of both; a letter outlives them all."""
    outer.sql(_LETTER, "honghei_inbox")
    units = "SELECT count(*) FROM catering_units"
    for machine in (outer, inner):
        machine.run("cd /root/honghei-next && ./install")
    tables = outer.sql(_TABLES, "honghei_inbox"), inner.sql(_TABLES)
    proof.holds("both run the next version", "rooms" in tables[0] and "rooms" in tables[1], str(tables))
    _still(outer, inner, proof, "the update")
    for machine in (inner, outer):
        machine.run("honghei-back --yes")
    tables = outer.sql(_TABLES, "honghei_inbox"), inner.sql(_TABLES)
    proof.holds("both went back", "rooms" not in tables[0] and "rooms" not in tables[1], str(tables))
    _still(outer, inner, proof, "going back")
    inner.run("systemctl start honghei-backup")
    backup = inner.run(
        "find /var/backups/honghei -maxdepth 1 -name 'backup-*Z' | sort | tail -n 1"
    ).stdout.strip()
    inner.run(f"honghei-restore {backup}")
    proof.holds("the inner server's backup is restored", inner.sql(units) == [str(UNITS)])
    _still(outer, inner, proof, "the restored backup")
    outer.sql("DELETE FROM inbox_entries", "honghei_inbox")
    shutil.copytree(inner.root / backup.removeprefix("/"), outer.root / "root" / Path(backup).name)
    for block in blocks_of_document():
        if block.where == "two-public-restore":
            run_block(outer, block, proof)
    _still(outer, inner, proof, "the Inbox of the backup")


def _carry(outer: Machine, inner: Machine, proof: Proof) -> None:
    """What is published goes over on a stick, whole or not at all."""
    code = inner.sql("SELECT code FROM premises ORDER BY id LIMIT 1")[0]
    page, blocks = (
        f"/var/lib/honghei/site/s/{code}/index.html",
        {one.where: one for one in blocks_of_document()},
    )
    sticks = [machine.root / "media/usb" for machine in (inner, outer)]
    for stick in sticks:
        stick.mkdir(parents=True, exist_ok=True)
    run_block(inner, blocks["two-inside-carry"], proof)
    shutil.copytree(sticks[0], sticks[1], dirs_exist_ok=True)
    # A name that is no longer public, in as many bytes and with the same day.
    outer.run(f"touch -r {page} /root/day; sed -i s/号饭店/号酒店/ {page}; touch -r /root/day {page}")
    before = (outer.root / page[1:]).read_bytes()
    carried = sticks[1] / "honghei-published/site/index.html"
    kept = carried.read_bytes()
    carried.write_bytes(kept[:-1])
    refused = outer.run("honghei-carry in /media/usb", check=False)
    told = refused.returncode != 0 and "网站没有改动" in refused.stdout
    is_as_before = (outer.root / page[1:]).read_bytes() == before
    proof.holds("a damaged stick changes nothing", told and is_as_before, refused.stdout)
    carried.write_bytes(kept)
    run_block(outer, blocks["two-public-carry"], proof)
    ask = f"curl -sSk -o /dev/null -w '%{{http_code}}' {_RESOLVE} https://canyin.example.cn/s/{code}/"
    served = outer.run(ask).stdout
    is_ours = (outer.root / page[1:]).read_bytes() == (inner.root / page[1:]).read_bytes()
    proof.holds("what was carried over is served, and nothing of before", served == "200" and is_ours, served)


def _still(outer: Machine, inner: Machine, proof: Proof, after: str) -> None:
    """Letters are there and fetched, pages come across, and both are served."""
    inner.run("honghei jobs run inbox && systemctl start honghei-push")
    letters = outer.sql("SELECT public_id FROM inbox_entries WHERE delivered_at IS NOT NULL", "honghei_inbox")
    proof.holds(f"{after} kept the letter, and it is fetched", letters == ["letter"], str(letters))
    ask = f"curl -sSk -o /dev/null -w '%{{http_code}} ' {_RESOLVE} https://canyin.example.cn"
    codes = outer.run(f"{ask}/; {ask}/in/nominate").stdout.split()
    proof.holds(f"after {after} both are served", codes == ["200", "200"], str(codes))


def _carried(block: Block, outer: Machine, inner: Machine, proof: Proof) -> None:
    """What a person does before a block: carries files across, and works on the inner machine."""
    if "open-inbox" in block.text:
        shutil.copy(inner.root / _KEY, outer.root / "root")
    elif "ssh-keyscan" in block.text:
        kept = inner.root / "etc/honghei/inbox-url"
        shutil.move(outer.root / _URL, kept)
        kept.chmod(0o600)
    elif "honghei-use-certificate public" in block.text:
        _server_steps(inner, proof, ("honghei init", "certificate make"))
        for name in ("server.crt", "server.key"):
            shutil.copy(inner.root / "var/lib/honghei/certificates" / name, outer.root / "root")
    elif "honghei-push" in block.text:
        _server_steps(inner, proof, ("honghei template", "import units"))


def _server_steps(machine: Machine, proof: Proof, which: tuple[str, ...]) -> None:
    """The blocks of one server that hold one of these commands."""
    for block in blocks_of_document():
        if block.where == "server" and any(words in block.text for words in which):
            put_register(machine, block.text)
            run_block(machine, block, proof)


def _look(outer: Machine, inner: Machine, proof: Proof) -> None:
    code = inner.sql("SELECT code FROM premises ORDER BY id LIMIT 1")[0]
    page = outer.run(f"curl -sSk --compressed {_RESOLVE} https://canyin.example.cn/s/{code}/").stdout
    proof.holds("the outer server serves a storefront page", code in page and "号饭店" in page, page[:300])
    asked = f"curl -sSk {_RESOLVE} -G --data-urlencode q=号饭店 https://canyin.example.cn/search"
    found = outer.run(asked).stdout
    proof.holds("the outer server's search finds it", "号饭店" in found, found[:300])
    inbox = outer.run(f"curl -sSk {_RESOLVE} https://canyin.example.cn/in/nominate").stdout
    proof.holds("the Inbox there knows whose it is", "某区餐饮安全公示" in inbox, inbox[:300])
    databases = outer.sql("SELECT datname FROM pg_database", "postgres")
    proof.holds("the outer server has no house", "honghei" not in databases, str(databases))
    held = outer.run("ls /var/lib/honghei /var/backups").stdout
    proof.holds("nor evidence nor backups", "evidence" not in held and "backup-" not in held, held)
    _look_at_the_wire(outer, inner, proof)


def _look_at_the_wire(outer: Machine, inner: Machine, proof: Proof) -> None:
    as_staff = "setpriv --reuid=honghei-staff --regid=honghei-staff --clear-groups env HOME=/var/lib/honghei"
    shell = inner.run(f"{as_staff} ssh honghei-push@{OUTER} id", check=False)
    proof.holds("the key opens no shell", shell.returncode != 0 and "uid=" not in shell.stdout, shell.stdout)
    read = inner.run(f"{as_staff} rsync honghei-push@{OUTER}:site/index.html /tmp/back", check=False)
    proof.holds("the key reads nothing", read.returncode != 0, read.stdout)
    desk = f"curl -sk -o /dev/null -w '%{{http_code}}' https://{INNER}/desk/sign-in"
    told = outer.run(desk, check=False).stdout
    proof.holds("the outer server gets nothing from the desk", told in {"403", "000"}, told)
    asked = outer.run(f"exec 3<>/dev/tcp/{INNER}/5432", check=False)
    proof.holds("nor reaches the inner database", asked.returncode != 0, asked.stdout)
    url = (inner.root / "etc/honghei/inbox-url").read_text(encoding="utf-8").strip().replace("+psycopg", "")
    mine = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    encrypted = inner.run(f"psql '{url}' -qAtc '{mine}'").stdout.strip()
    proof.holds("the inner server asks the Inbox over TLS", encrypted == "t", encrypted)
    clear = url.replace("sslmode=require", "sslmode=disable").replace("channel_binding=require", "")
    plain = inner.run(f"psql '{clear}' -c 'SELECT 1'", check=False)
    proof.holds("nothing is asked of the Inbox in clear", plain.returncode != 0, plain.stdout)
