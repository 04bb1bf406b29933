"""10,000 plates as PDF for a printer: the command as it is typed, from the shell to the last list.

Ours is `plates print` on a register of so many doors with a unit each: choosing, numbering, recording the
print and its 10,000 places in one transaction, laying out every plate, the sheets as PDF and both lists.
Memory is that of the largest process of the run, its workers included. A sample of the sheets is rendered
and read again, so that what was fast was also right.
"""

import argparse
import csv
import json
import os
import random  # noqa: TID251  # a seeded generator: every run prints the same plates
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import zxingcpp
from PIL import Image

from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.database import insert_rows, open_database, table_of, transaction
from inspections.record.migrate import migrate
from inspections.record.settings import set_setting
from inspections.units.codes import new_codes
from inspections.units.tables import CateringUnit, Premises, UnitVersion

SCRATCH = Path(__file__).parent / "scratch"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
WHOLE, GOAL, GOAL_MIB, SEED = 10_000, 40.0, 512.0, 20261124
EDITOR, PASSWORD = "王芳", "horse battery staple 9"
SIGNS = ("福满", "春来", "老街", "好味", "同乐", "顺意", "喜客", "丰年", "百味", "金穗", "和顺", "聚友")
TRADES = (
    "饺子馆",
    "重庆小面",
    "快餐店",
    "小吃店",
    "火锅店",
    "包子铺",
    "家常菜馆",
    "奶茶店",
    "烧烤店",
    "早点铺",
)
TYPES = ("restaurant", "fast_food", "snack_shop", "drink_shop", "canteen")


def build(data: Path, count: int) -> None:
    """A migrated data directory with a register of so many doors, an editor and its password file."""
    engine = open_database(f"sqlite:///{data / 'honghei.sqlite'}")
    migrate(engine)
    rng = random.Random(SEED)  # noqa: S311  # data, not a secret
    day = date(2026, 1, 1)
    with transaction(engine) as session:
        for key, value in {
            "authority": "示范区市场监督管理局",
            "public_address": "https://spgs.example.gov.cn",
        }.items():
            set_setting(session, key=key, value=value, from_on=day, actor="bench", now=NOW)
        add_account(session, name=EDITOR, password=PASSWORD, roles=[Role.EDITOR], actor="bench", now=NOW)
        doors, units, versions = [], [], []
        for id_, code in enumerate(new_codes(count, random_bytes=rng.randbytes), 1):
            address = f"示范区文明路{id_ // 7}号{id_ % 7}门"
            sign = f"{rng.choice(SIGNS)}{rng.choice(SIGNS)}{rng.choice(TRADES)}（{id_}号店）"
            doors.append(
                {"id": id_, "code": code, "address": address, "door_label": "", "door_key": str(id_),
                 "street": f"{SIGNS[id_ % 12]}街道"}
            )  # fmt: skip
            units.append({"id": id_, "premises_id": id_, "from_on": day})
            versions.append(
                {"unit_id": id_, "from_on": day, "recorded_at": NOW, "row_hash": str(id_), "sign_name": sign,
                 "licence_name": f"示范区{sign}", "unit_type": rng.choice(TYPES)}
            )  # fmt: skip
        for model, rows in ((Premises, doors), (CateringUnit, units), (UnitVersion, versions)):
            insert_rows(session, table_of(model), rows)
    engine.dispose()
    (data / "password").write_text(PASSWORD, encoding="utf-8")


def print_plates(data: Path, form: str, run: int) -> tuple[float, list[Path]]:
    """The seconds of one command and the files it wrote."""
    target = data / f"{form}-{run}" / "plates.pdf"
    command = [
        *(sys.executable, "-m", "flask", "--app", "app", "plates", "print", "--form", form),
        *("--out", str(target), "--account", EDITOR, "--password-file", str(data / "password"), "--json"),
    ]
    environment = {**os.environ, "HHB_DATA": str(data)}  # noqa: TID251  # the command's own environment
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - start
    said = json.loads(done.stdout.splitlines()[-1])
    return seconds, [Path(name) for name in said["files"]]


def check(files: list[Path], count: int, folder: Path) -> None:
    """The list names every plate, and the sampled sheets hold the codes that it says."""
    contents = next(path for path in files if path.suffix == ".csv")
    with contents.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len({row["门店码"] for row in rows}) == len(rows) == count
    by_name = {path.name: path for path in files}
    for row in (rows[0], rows[count // 3], rows[-1]):
        page = folder / "page"
        command = ["pdftoppm", "-gray", "-r", "100", "-f", row["页"], "-l", row["页"], "-singlefile"]
        subprocess.run([*command, by_name[row["文件"]], page], check=True)
        with Image.open(page.with_suffix(".pgm")) as sheet:
            read = {code.text for code in zxingcpp.read_barcodes(sheet)}
        assert row["二维码网址"] in read, row


def measure(count: int, runs: int) -> Iterator[dict[str, object]]:
    """Both forms a printer is given most, the first run of each on a register without plates."""
    SCRATCH.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="plates-", dir=SCRATCH))
    try:
        for form, words in (("a4-4", "A4 sheets of four"), ("a5", "single A5")):
            seconds, before = [], _processor_seconds()
            for run in range(runs):
                data = folder / f"data-{form}-{run}"
                data.mkdir()
                build(data, count)
                taken, files = print_plates(data, form, run)
                check(files, count, folder)
                seconds.append(taken)
            middle = statistics.median(seconds)
            each = (_processor_seconds() - before) / runs
            what = f"{count:,} plates as PDF, {words}, crop marks and lists"
            figure = _figure(f"plates_{form}", what, round(middle, 1), "s", GOAL, runs, count)
            note = f"{each:.0f} s of processor time in all processes, the checks of the sheets included."
            yield {**figure, "note": f"{figure.get('note', '')} {note}".strip()}
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        yield _figure("plates_memory", f"memory of the largest process while {count:,} plates are printed",
                      round(largest), "MiB", GOAL_MIB, runs, count)  # fmt: skip
    finally:
        shutil.rmtree(folder)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _figure(
    name: str, what: str, ours: float, unit: str, goal: float, runs: int, count: int
) -> dict[str, object]:
    figure: dict[str, object] = {
        "name": name,
        "what": what,
        "ours": ours,
        "unit": unit,
        "goal": goal,
        "goal_words": f"under {goal:.0f} {unit}" + (" a process" if unit == "MiB" else ""),
        "met": ours < goal if count >= WHOLE else None,
        "runs": runs,
    }
    if figure["met"] is False:
        figure["note"] = "Over its goal on this machine, at this load;"
    return figure


def main() -> int:
    """Print one JSON line per figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--plates", type=int, default=WHOLE)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    for figure in measure(asked.plates, asked.runs):
        print(json.dumps(figure, ensure_ascii=False), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
