"""Promises of restoring: a backup that is not whole or too new is known before anything is moved for it."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from deploy.check_backup import main
from inspections.inbox.store import INBOX, open_inbox
from inspections.record.backup import BackupError
from inspections.record.configuration import Configuration
from inspections.record.house import open_house
from inspections.record.migrate import migrate
from publishing.keeping import back_up, restore


def test_a_whole_backup_is_taken_and_a_damaged_or_missing_one_is_named(
    data_directory: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_house(Configuration(data=data_directory))
    folder = back_up(house, tmp_path / "kept").folder
    house.engine.dispose()
    assert main([str(folder)]) == 0
    kept = folder / "honghei.sqlite"
    kept.chmod(0o600)
    kept.write_bytes(kept.read_bytes()[:-1])
    assert main([str(folder)]) == 1
    assert "honghei.sqlite" in capsys.readouterr().err
    assert main([str(tmp_path)]) == 1
    assert "不是一份完整的备份" in capsys.readouterr().err


@pytest.mark.parametrize("on", ["database", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_backup_of_a_newer_program_is_named_and_takes_nothing_down(
    request: pytest.FixtureRequest,
    on: str,
    data_directory: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine: Engine = request.getfixturevalue(on)
    url = engine.url.render_as_string(hide_password=False)
    house = open_house(Configuration(data=data_directory, database_url=url))
    assert main([str(back_up(house, tmp_path / "kept").folder)]) == 0
    inbox = open_inbox(house.configuration.effective_inbox_url)
    migrate(inbox, schema=INBOX)
    with inbox.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'inbox_9001'"))
    inbox.dispose()
    folder = back_up(house, tmp_path / "newer inbox").folder
    assert main([str(folder)]) == 1
    assert "数据库结构是 inbox_9001，是更新版本的程序建的" in capsys.readouterr().err
    assert main(["--without-inbox", str(folder)]) == 0, "it stays on its own server"
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))
    folder = back_up(house, tmp_path / "newer").folder
    house.engine.dispose()
    assert main(["--without-inbox", str(folder)]) == 1
    assert "数据库结构是 9001，是更新版本的程序建的" in capsys.readouterr().err
    refused = CliRunner().invoke(restore, [str(folder)], obj=house).exception
    assert isinstance(refused, BackupError)
    assert "没有恢复任何内容" in str(refused)
