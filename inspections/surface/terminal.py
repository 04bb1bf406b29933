"""What every command shares: the house it works on, errors as sentences, one summary line at the end."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from sqlalchemy.exc import DatabaseError
from xlsxwriter.exceptions import FileCreateError

from grading.errors import GradingError
from inspections.record.configuration import Configuration
from inspections.record.errors import HouseError
from inspections.record.house import House, open_house
from inspections.record.migrate import require_current
from inspections.surface.usage import in_chinese


def for_people(command: click.Command, *, needs_current_schema: bool = True) -> click.Command:
    """A copy of a command that has the house of this process; a refusal is a sentence and exit code 1."""
    # The command itself is shared by every application of this process: only the copy may be changed.
    command, invoke = copy.copy(command), command.invoke
    make_context = command.make_context

    @wraps(invoke)
    def invoke_in_house(context: click.Context) -> Any:
        with _in_sentences():
            if not isinstance(context.obj, House):
                context.obj = open_house(Configuration())
                context.call_on_close(context.obj.engine.dispose)
                if needs_current_schema:
                    require_current(context.obj.engine)
            return invoke(context)

    @wraps(make_context)
    def make_context_in_chinese(*args: Any, **extra: Any) -> click.Context:
        with _in_sentences():
            return make_context(*args, **extra)

    command.make_context = make_context_in_chinese  # type: ignore[method-assign]  # the one place that
    command.invoke = invoke_in_house  # type: ignore[assignment,method-assign]  # wraps commands
    return command


@contextmanager
def _in_sentences() -> Iterator[None]:
    """Turn what is refused below, by us or by the machine, into a sentence for whoever typed the command."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise  # a group alone shows its commands
    except click.UsageError as error:
        raise in_chinese(error) from error
    except (HouseError, GradingError) as error:
        raise click.ClickException(str(error)) from error
    except BrokenPipeError:
        raise  # whoever read the output has left: click ends quietly
    except (DatabaseError, OSError, FileCreateError) as error:
        raise click.ClickException(_outside(error)) from error


def _outside(error: Exception) -> str:
    """What the machine refused, as a sentence with what to look at."""
    if isinstance(error, DatabaseError):
        return f"数据库不能用：{str(error.orig).strip()}。请检查 HHB_DATA、HHB_DATABASE_URL 和磁盘空间。"
    # The writer of workbooks wraps the machine's own error.
    cause = error.args[0] if isinstance(error, FileCreateError) else error
    place = getattr(cause, "filename", None)
    what = getattr(cause, "strerror", None) or cause
    return f"读写不了{f' {place}' if place else ''}（{what}）；请检查路径、权限和磁盘空间。"


def say_summary(
    sentence: str, counts: Mapping[str, object], *, as_json: bool, first: Sequence[str] = ()
) -> None:
    """End a command with one line: a sentence, after what comes first; or the same as JSON for programs."""
    if as_json:
        click.echo(json.dumps({"summary": sentence, **counts}, ensure_ascii=False, default=str))
    else:
        for line in (*first, sentence):
            click.echo(line)
