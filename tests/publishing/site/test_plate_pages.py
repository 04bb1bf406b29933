"""What a door's page says of its plates: a withdrawn one is told where its code leads, without any name."""

from datetime import date, datetime, timedelta

from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.surface.fonts import print_fonts
from inspections.units.queries import premises_of_units
from publishing.plates.choosing import Selection
from publishing.plates.ending import ended_plates
from publishing.plates.life import Handing, hand_over, withdraw_plate
from publishing.plates.plate import PlateFacts
from publishing.plates.service import issue_plates
from tests.publishing.site.page_checks import chinese, parsed
from tests.publishing.site.town import Town

FIRST = date(2026, 11, 3)


def _print(town: Town, now: datetime, code: str | None = None, *, on: date, anew: bool = False) -> PlateFacts:
    with transaction(town.house.engine) as session:
        issued = issue_plates(
            session,
            Selection(code=code),
            fonts=print_fonts(),
            configured_address=None,
            on=on,
            actor="李伟",
            now=now,
            anew=anew,
        )
    return issued.plates[0]


def _withdraw(town: Town, now: datetime, code: str, on: date) -> None:
    with transaction(town.house.engine) as session:
        withdraw_plate(session, code, reason="被隔壁冒用", on=on, actor="李伟", now=now)


def _times(town: Town) -> dict[str, int]:
    return {path.parent.name: path.stat().st_mtime_ns for path in town.site.rglob("s/*/index.html")}


def _said(town: Town, name: str) -> str:
    return chinese(parsed(town.storefront(name).encode()).select("main")[0])


def test_printing_and_handing_over_first_plates_changes_no_page(town: Town, now: datetime) -> None:
    town.publish(now)
    _print(town, now, on=FIRST)
    with transaction(town.house.engine) as session:
        handing = Handing(town.codes["dumplings"], "刘洋", civil_day(now))
        hand_over(session, [handing], actor="李伟", now=now)
    assert town.publish(now + timedelta(minutes=1)).written == 0
    assert town.publish(now + timedelta(minutes=2), full=True).was_full
    assert "刘洋" not in "".join(path.read_text(encoding="utf-8") for path in town.site.rglob("*.html"))


def test_a_withdrawn_plates_page_says_so_and_goes_on_answering(town: Town, now: datetime) -> None:
    plate = _print(town, now, town.codes["dumplings"], on=FIRST)
    town.publish(now)
    before = _times(town)
    _withdraw(town, now, town.codes["dumplings"], date(2026, 11, 20))
    summary = town.publish(now + timedelta(minutes=1))
    assert summary.written == 1
    changed = {code for code, time in _times(town).items() if before[code] != time}
    assert changed == {town.codes["dumplings"]}
    said = _said(town, "dumplings")
    assert "这里的公示牌已作废第1次制发的公示牌已作废（2026年11月20日）。" in said
    assert "冒用" not in town.storefront("dumplings")
    place = parsed(town.storefront("dumplings").encode()).select(f"#{plate.url.rsplit('#')[-1]}")
    assert [chinese(one) for one in place] == ["第1次制发的公示牌已作废（2026年11月20日）。"]


def test_after_the_next_plate_only_who_scans_the_withdrawn_one_is_told(town: Town, now: datetime) -> None:
    code = town.codes["dumplings"]
    old = _print(town, now, code, on=FIRST)
    _withdraw(town, now, code, date(2026, 11, 20))
    new = _print(town, now, code, on=date(2026, 11, 22))
    town.publish(now)
    page = parsed(town.storefront("dumplings").encode())
    (box,) = page.select(f"#{old.url.rsplit('#')[-1]}")
    assert "您扫的这块公示牌已作废" in chinese(box)
    assert page.select(f"#{new.url.rsplit('#')[-1]}") == []
    said = _said(town, "dumplings")
    assert "这里的公示牌已作废" not in said
    assert "现在有效的是第2次制发（2026年11月22日）" in said


def test_a_replaced_plate_is_told_quietly_and_not_before_its_day(town: Town, now: datetime) -> None:
    code = town.codes["tea"]
    _print(town, now, code, on=FIRST)
    _print(town, now, code, on=date(2026, 11, 22), anew=True)
    town.publish(now)
    assert "第1次制发的公示牌已换新（2026年11月22日）。现在有效的是第2次制发" in _said(town, "tea")
    assert "公示牌已" not in _said(town, "dumplings")
    with read_only(town.house.engine) as session:
        door = premises_of_units(session, [town.units["tea"]])[town.units["tea"]]
        assert ended_plates(session, [door], date(2026, 11, 21)) == {}
        assert list(ended_plates(session, [door], date(2026, 11, 22))) == [door]
