"""What was proved of docs/deploy.md, told as it goes, and what a person does between its commands."""

import sys
import time

import xlsxwriter

from inspections.units.numbers import licence_check_digit
from tests.deploy.document import Block
from tests.deploy.machine import Machine

UNITS = 40


class Proof:
    """What was run and what was found, told as it goes."""

    def __init__(self) -> None:
        self.held = 0
        self.broken: list[str] = []

    def holds(self, promise: str, is_true: bool, told: str = "") -> None:
        """Note whether a promise holds."""
        sys.stdout.write(f"{'  ok ' if is_true else 'FAIL '} {promise}{'' if is_true else f'  {told}'}\n")
        sys.stdout.flush()
        if is_true:
            self.held += 1
        else:
            self.broken.append(promise)


def run_block(machine: Machine, block: Block, proof: Proof) -> None:
    """Run a block as it stands; the first that fails ends the proof."""
    began = time.monotonic()
    done = machine.run(block.text, check=False)
    first = block.text.splitlines()[-1][:70]
    took = f"{time.monotonic() - began:.0f} s"
    proof.holds(f"[{block.where}] {first} ({took})", done.returncode == 0, done.stdout)
    if done.returncode != 0:
        raise SystemExit(f"stopped at:\n{block.text}\n{done.stdout}\n{_logs(machine)}")
    if "http_code" in block.text:
        answered = done.stdout.split()[-2:] == ["200", "200"]
        proof.holds("both addresses answer 200 over TLS", answered, done.stdout)


def _logs(machine: Machine) -> str:
    return machine.run("tail -n 40 /run/standin/*.log /var/log/nginx/error.log 2>&1 || true").stdout


def put_register(machine: Machine, text: str) -> None:
    """What a person does between two blocks: fill in the register."""
    if "import units" not in text:
        return
    path = machine.root / "var/lib/honghei/files/名册.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("单位")
    sheet.write_row(0, 0, ["主体名称", "牌匾名称", "许可证编号", "经营场所", "街镇", "业态"])
    for place in range(UNITS):
        body = f"2120190{990000 + place:06}"
        number = f"JY{body}{licence_check_digit(body)}"
        row = [f"某区{place}号饭店有限公司", f"{place}号饭店", number, f"新路{place}号", "杨柳镇", "餐馆"]
        sheet.write_row(place + 1, 0, row)
    book.close()
