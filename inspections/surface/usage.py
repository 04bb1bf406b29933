"""What is wrong with how a command was written, said in Chinese: click says it in English."""

import re
from collections.abc import Sequence

import click

from inspections.record.command_line import CLI

_NO_COMMAND = re.compile(r"No such command '([^']*)'.*")
_TOO_MANY = re.compile(r"Got unexpected extra arguments? \((.*)\)")
_QUOTED = re.compile(r"'(.*?)'")


class WrittenWrongError(click.ClickException):
    """A command that was not written as it must be: exit code 2, as click has it."""

    exit_code = 2


def in_chinese(error: click.UsageError) -> WrittenWrongError:
    """The same refusal as a sentence with how the command is written."""
    # Click does not say of every refusal which command it was.
    path = error.ctx.command_path.partition(" ")[2] if error.ctx is not None else ""
    return WrittenWrongError(f"{_words(error)}。" + (f"写法见 {CLI} {path} --help" if path else ""))


def _words(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        near = f"；是不是 {_list(error.possibilities)}" if error.possibilities else ""
        return f"没有选项 {error.option_name}{near}"
    if isinstance(error, click.BadOptionUsage):
        if "does not take" in error.message:
            return f"选项 {error.option_name} 后面不写值"
        return f"选项 {error.option_name} 后面要写一个值"
    if isinstance(error, click.MissingParameter):
        choices = f"（{_list(error.param.type.choices)}）" if _is_choice(error.param) else ""  # type: ignore[union-attr]  # told apart
        return f"缺少{_name(error.param)}{choices}"
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    if found := _NO_COMMAND.fullmatch(error.message):
        group = error.ctx.command if error.ctx is not None else None
        known = group.list_commands(error.ctx) if isinstance(group, click.Group) and error.ctx else ()
        return f"没有命令 {found.group(1)}；有 {_list(known)}"
    if found := _TOO_MANY.fullmatch(error.message):
        return f"多写了 {found.group(1)}；有空格的名称要加引号"
    return error.message.rstrip("。.")


def _bad_value(error: click.BadParameter) -> str:
    name, kind = _name(error.param), error.param.type if error.param is not None else None
    written = _QUOTED.search(error.message)
    value = f"“{written.group(1)}”" if written is not None else "写的值"
    if isinstance(kind, click.Choice):
        return f"{name} 没有{value}；可以写 {_list([str(choice) for choice in kind.choices])}"
    if isinstance(kind, click.Path | click.File):
        return f"{name}：{value}找不到或读不了；请核对名称，以及运行命令的用户能不能读它"
    if isinstance(kind, click.IntRange):
        least = f"不小于 {kind.min}" if kind.min is not None else ""
        most = f"不大于 {kind.max}" if kind.max is not None else ""
        limits = "、".join(filter(None, (least, most)))
        return f"{name} 要写{limits} 的整数"
    if kind is click.INT:
        return f"{name} 要写整数，写的是{value}"
    # A type of our own says it in Chinese already.
    return f"{name}：{error.message.rstrip('。.')}"


def _is_choice(param: click.Parameter | None) -> bool:
    return param is not None and isinstance(param.type, click.Choice)


def _name(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return f"选项 {max(param.opts, key=len)}"
    return f"参数 {(param.name or '').upper()}" if param is not None else "写的值"


def _list(words: Sequence[str]) -> str:
    return "、".join(words)
