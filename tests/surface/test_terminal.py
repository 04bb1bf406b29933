"""Promises of every command: what the machine refuses is a sentence with what to look at, never a trace."""

import errno
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from xlsxwriter.exceptions import FileCreateError

from grading.errors import GradingError
from inspections.record.commands import DAY
from inspections.record.configuration import Configuration
from inspections.record.errors import HouseError
from inspections.record.house import House, open_house
from inspections.surface.sheets.faults import FIRST, Fault, first_faults
from inspections.surface.terminal import for_people, say_summary


def _run(command: click.Command, data: Path, *args: str) -> Result:
    return CliRunner(env={"HHB_DATA": str(data)}).invoke(for_people(command), args)


def _failing(error: Exception) -> click.Command:
    @click.command("sample")
    def sample() -> None:
        raise error

    return sample


@click.group("tools")
def _tools() -> None:
    """Some tools."""


@_tools.command("cut")
@click.argument("file", type=click.Path(exists=True))
@click.option("--kind", type=click.Choice(["red", "black"]), required=True)
@click.option("--times", type=click.IntRange(1, 9))
@click.option("--size", type=int)
@click.option("--quiet", is_flag=True)
@click.option("--on", type=DAY)
def _cut(**_given: object) -> None:
    """Cut."""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("chop", "没有命令 chop；有 cut。写法见 flask --app app tools --help"),
        ("cut", "缺少参数 FILE"),
        ("cut .", "缺少选项 --kind（red、black）。写法见 flask --app app tools cut --help"),
        ("cut . --kind blue", "选项 --kind 没有“blue”；可以写 red、black"),
        ("cut /nonesuch --kind red", "参数 FILE：“/nonesuch”找不到或读不了"),
        ("cut . --kind red --times 0", "选项 --times 要写不小于 1、不大于 9 的整数"),
        ("cut . --kind red --size big", "选项 --size 要写整数，写的是“big”"),
        ("cut . --kind red --on spring", "选项 --on：“spring”不是日期；请写成 2026-11-24 的形式"),
        ("cut . --kind red --kidn x", "没有选项 --kidn；是不是 --kind"),
        ("cut . --kind", "选项 --kind 后面要写一个值。"),
        ("cut . --kind red --quiet=1", "选项 --quiet 后面不写值"),
        ("cut . more --kind red", "多写了 more；有空格的名称要加引号"),
    ],
)
def test_a_command_that_is_written_wrong_is_told_in_chinese_with_how_it_is_written(
    data_directory: Path, database: Engine, written: str, said: str
) -> None:
    done = _run_tools(data_directory, *written.split())
    assert done.exit_code == 2
    assert done.output.startswith(f"Error: {said}"), done.output


def test_a_group_alone_shows_its_commands(data_directory: Path, database: Engine) -> None:
    assert "Commands:\n  cut" in _run_tools(data_directory).output


def _run_tools(data: Path, *args: str) -> Result:
    program = click.Group("flask", commands={"tools": for_people(_tools)})
    return CliRunner(env={"HHB_DATA": str(data)}).invoke(program, ["tools", *args])


def test_the_first_faults_are_said_before_the_summary_and_to_programs_in_the_counts_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    faults = [Fault(row, "许可证编号", "x", "末位不对", "应为 4") for row in range(2, 20)]
    first = first_faults([Fault(0, "", "", "有一列不认识", "可以不管", is_warning=True), *faults])
    assert (len(first), first[0]) == (FIRST, "第 2 行“许可证编号”：x，末位不对。应为 4")
    say_summary("读了 18 行。", {"first_faults": first}, as_json=False, first=first)
    assert capsys.readouterr().out.splitlines() == [*first, "读了 18 行。"]
    say_summary("读了 18 行。", {"first_faults": first}, as_json=True, first=first)
    assert json.loads(capsys.readouterr().out)["first_faults"] == list(first)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (HouseError("缺少一列；请补上。"), "缺少一列；请补上。"),
        (GradingError("规则有错；请改正。"), "规则有错；请改正。"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv"), "读写不了 /srv（Permission denied）"),
        (OSError(errno.ENOSPC, "No space left on device"), "读写不了（No space left on device）；请检查路径"),
        (FileCreateError(OSError(errno.EISDIR, "Is a directory", "/srv")), "读写不了 /srv（Is a directory）"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_and_exit_code_1(data_directory: Path, error: Exception, said: str) -> None:
    ran = _run(_failing(error), data_directory)
    assert ran.exit_code == 1
    assert ran.output.startswith(f"Error: {said}")


def test_a_reader_who_leaves_early_is_no_error_to_tell(data_directory: Path) -> None:
    ran = _run(_failing(BrokenPipeError(errno.EPIPE, "Broken pipe")), data_directory)
    assert ran.exit_code == 1
    assert ran.output == ""


def test_a_file_that_is_no_database_and_an_address_that_is_none_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "honghei.sqlite").write_text("not a database at all", encoding="utf-8")
    ran = _run(_failing(AssertionError()), tmp_path)
    assert ran.exit_code == 1
    assert "数据库不能用" in ran.output
    assert "HHB_DATA" in ran.output
    for address in ("somewhere", "mysql://host/name"):
        with pytest.raises(HouseError, match="postgresql\\+psycopg://"):
            open_house(Configuration(data=tmp_path, database_url=address))


def test_a_command_does_not_make_a_directory_by_being_asked(tmp_path: Path) -> None:
    ran = _run(_failing(AssertionError()), tmp_path / "mistyped")
    assert ran.exit_code == 1
    assert "migrate" in ran.output
    assert list(tmp_path.iterdir()) == []


def test_a_command_gets_the_house_of_its_process(data_directory: Path) -> None:
    @click.command("sample")
    @click.pass_obj
    def sample(house: House) -> None:
        click.echo(house.configuration.data)

    assert _run(sample, data_directory).output.strip() == str(data_directory)


def test_the_last_line_is_a_sentence_or_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    say_summary("读了 3 行。", {"rows": 3, "report": Path("a.xlsx")}, as_json=False)
    say_summary("读了 3 行。", {"rows": 3, "report": Path("a.xlsx")}, as_json=True)
    sentence, as_json = capsys.readouterr().out.splitlines()
    assert sentence == "读了 3 行。"
    assert json.loads(as_json) == {"summary": "读了 3 行。", "rows": 3, "report": "a.xlsx"}
