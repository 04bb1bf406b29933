"""A promise of restoring: whether a backup is whole is known before anything is moved for it."""

from pathlib import Path

import pytest

from deploy.check_backup import main
from inspections.record.configuration import Configuration
from inspections.record.house import open_house
from publishing.keeping import back_up


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
