"""What every command shares: the house it works on, errors as sentences, one summary line at the end."""

import copy
import json
from collections.abc import Mapping
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from grading.errors import GradingError
from inspections.record.configuration import Configuration
from inspections.record.errors import HouseError
from inspections.record.house import House, open_house
from inspections.record.migrate import require_current


def for_people(command: click.Command, *, needs_current_schema: bool = True) -> click.Command:
    """A copy of a command that has the house of this process; a refusal is a sentence and exit code 1."""
    # The command itself is shared by every application of this process: only the copy may be changed.
    command, invoke = copy.copy(command), command.invoke

    @wraps(invoke)
    def invoke_in_house(context: click.Context) -> Any:
        try:
            if not isinstance(context.obj, House):
                context.obj = open_house(Configuration())
                context.call_on_close(context.obj.engine.dispose)
                if needs_current_schema:
                    require_current(context.obj.engine)
            return invoke(context)
        except (HouseError, GradingError) as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            raise click.ClickException(
                f"文件或目录不能用：{error.filename or ''} {error.strerror or error}。"
                "请检查路径、权限和磁盘空间。"
            ) from error
        except (OperationalError, ProgrammingError) as error:
            raise click.ClickException(
                f"数据库不能用：{str(error.orig).strip()}。请检查 HHB_DATA、HHB_DATABASE_URL 和磁盘空间。"
            ) from error

    command.invoke = invoke_in_house  # type: ignore[assignment,method-assign]  # the one place that wraps commands
    return command


def say_summary(sentence: str, counts: Mapping[str, object], *, as_json: bool) -> None:
    """End a command with one line: a sentence, or the same as JSON for programs."""
    if as_json:
        click.echo(json.dumps({"summary": sentence, **counts}, ensure_ascii=False, default=str))
    else:
        click.echo(sentence)
