"""What inspectors meet on the spot: presets, readings, the exam, photos of last time, a place on a tap."""

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect
from sqlmodel import select

from inspections.campaigns.assigning import withdraw_assignment
from inspections.campaigns.tables import Assignment, AssignmentEvent, AssignmentState
from inspections.people.tables import Account
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.service import load_seeds
from inspections.visits.fieldwork import exam
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.reviewing import Reviewing, confirm_and_grade, return_field_visit
from inspections.visits.sync.tables import ExamResult, FieldVisit, FieldVisitState
from inspections.visits.sync.vocabulary import exam_choices
from tests.bureau import DUMPLINGS, add_units
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, REVIEWER, SECOND, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Counts how often the device is asked where it is, and answers as a tablet in the district would.
_COUNT_PLACES = """
window.places = 0;
navigator.geolocation.getCurrentPosition = (tell) => {
  window.places += 1;
  tell({ coords: { latitude: 39.1372, longitude: 117.0081, accuracy: 12.4 } });
};
navigator.geolocation.watchPosition = () => { window.places += 1000; };
"""
_SIGN_AT_ONCE = """async (running, visit) => {
  const { signVisit } = await import('/static/tablet/signing.js');
  await signVisit(running.work, visit);
}"""


def _begin(server: FieldServer, tablet: Tablet) -> str:
    visit = assign(server.bureau)
    tablet.start_day(LEAD, server.enrolment())
    tablet.wait_until_kept()
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    return visit


def test_presets_with_reasons_and_readings_beside_their_limits_stand_on_the_record(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    stations = tablet.page.locator(".stations button")
    stations.filter(has_text="门口与公示").click()
    preset = tablet.item("1.4")
    expect(preset).to_contain_text("按业态预设")
    expect(preset).to_contain_text("适用于学校食堂；登记的业态为餐馆")
    expect(preset.get_by_role("button", name="不适用")).to_have_attribute("aria-pressed", "true")

    stations.filter(has_text="上次问题").click()
    row = tablet.item("2.3")
    expect(row).to_contain_text("不高于8 ℃（假定值）")
    row.get_by_label("冷藏温度").fill("9.5")
    row.get_by_label("冷藏温度").blur()
    expect(row).to_contain_text("高于限值")
    expect(row.get_by_role("button", name="不符合"), "a reading judges nothing").to_have_attribute(
        "aria-pressed", "false"
    )
    row.get_by_label("冷藏温度").fill("十二度")
    row.get_by_label("冷藏温度").blur()
    expect(row.get_by_role("alert")).to_have_text("“十二度”不是数字，记下的仍是 9.5 ℃。只写数字，例如 4.5。")
    expect(row.get_by_label("冷藏温度")).to_have_value("9.5")
    row.get_by_label("冷藏温度").fill("9.5")
    row.get_by_label("冷藏温度").blur()
    expect(row.get_by_role("alert")).to_have_count(0)
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", remark="冷藏柜温度偏高")
    tablet.answer("P5.02", "na")
    tablet.item("P5.02").get_by_role("button", name="本单位没有这项业务或设施").click()
    tablet.answer_rest()
    tablet.decide()
    tablet.close_visit()
    tablet.wait_until_sent()
    text = tablet.ask("(running, visit) => running.work.view(visit).signed.text", visit)
    assert "2.3 冷藏温度：9.5 ℃。" in text
    assert "1.4（适用于学校食堂；登记的业态为餐馆）" in text
    assert "P5.02（本单位没有这项业务或设施）" in text


def test_the_exam_is_drawn_from_the_question_file_and_its_result_is_recorded(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.offline()
    tablet.go("问题")
    tablet.page.get_by_role("button", name="抽5题考核").click()
    rows = tablet.page.locator(".exam > li")
    expect(rows).to_have_count(5)
    asked = set(rows.locator("> p").all_inner_texts())
    expect(tablet.page.get_by_role("button", name="还有5题")).to_be_disabled()
    for row in rows.all():
        row.locator(".chip").first.click()
    tablet.page.get_by_role("button", name="交卷").click()
    expect(tablet.page.get_by_text(re.compile("答5题，对[0-5]题。"))).to_be_visible()
    said = tablet.ask("(running, visit) => running.work.view(visit).fields.get('exam').value", visit)
    choices = exam_choices(exam()["sha256"])
    assert choices is not None
    expect(tablet.page.get_by_text("样例题")).to_be_visible()
    assert len(asked) == len(said["answers"]) == 5
    assert set(said["answers"]) <= set(choices)
    assert said["right"] == sum(choices[question] == 0 for question in said["answers"])
    tablet.go("检查")
    for code in ("2.3", "P5.02"):
        tablet.answer(code)
    tablet.answer_rest()
    tablet.decide(result="符合", handling="通过，无须处理")
    tablet.close_visit()
    tablet.offline(False)
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row_of_exam = session.exec(select(ExamResult)).one()
    assert (row_of_exam.asked, row_of_exam.right) == (5, said["right"])
    assert row_of_exam.question_file_sha256 == exam()["sha256"]


def test_an_unassigned_flying_visit_looks_at_the_chosen_items_and_a_recheck_at_what_was_found(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    bureau = field_server.bureau
    tablet = make_tablet()
    before = _begin(field_server, tablet)
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", remark="生鸡肉放在熟食上面")
    tablet.answer_rest()
    tablet.decide()
    tablet.close_visit()
    tablet.wait_until_sent()
    _confirm(field_server, before)
    number = tablet.ask("(running, visit) => running.work.view(visit).signed.record_number", before)
    again = assign(bureau)
    page = tablet.page
    page.goto(f"{tablet.address}/tablet#/device")
    page.get_by_role("button", name="现在上传并更新名单").click()
    tablet.wait_for("(running, id) => running.work.assignment(id) !== null", again)
    tablet.offline()

    page.goto(f"{tablet.address}/tablet#/unplanned")
    page.select_option("#unit", bureau.code)
    page.select_option("#second", label=SECOND)
    page.get_by_role("button", name="投诉举报").click()
    page.fill("#reason", "举报后厨生熟混放")
    page.get_by_role("button", name="复查", exact=True).click()
    expect(page.get_by_text("还缺：复查哪一次检查")).to_be_visible()
    page.select_option("#recheck-of", number)
    expect(page.locator(".picker [aria-pressed=true]")).to_have_count(1)
    opening = _begun(tablet)
    assert (opening["kind"], opening["recheck_of"], opening["items"]) == ("recheck", number, ["2.3"])

    page.goto(f"{tablet.address}/tablet#/unplanned")
    page.select_option("#unit", bureau.code)
    page.select_option("#second", label=SECOND)
    page.get_by_role("button", name="自行发现").click()
    page.fill("#reason", "路过看见后门堆放原料")
    page.get_by_role("button", name="飞行检查").click()
    expect(page.get_by_text("还缺：检查哪些项目")).to_be_visible()
    page.locator(".picker summary").nth(1).click()
    for row in page.locator(".picker details[open] button").all()[:2]:
        row.click()
    opening = _begun(tablet)
    assert (opening["kind"], len(opening["items"])) == ("flying", 2)
    tablet.offline(False)
    tablet.wait_until_sent()
    with read_only(bureau.engine) as session:
        kept = {row.kind: (row.items, row.recheck_of_key) for row in session.exec(select(FieldVisit))}
    assert kept["recheck"] == ("2.3", number)
    assert kept["flying"] == (",".join(opening["items"]), None)


def test_a_unit_without_a_task_is_looked_for_online_and_visited_offline_with_its_presets(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    with transaction(field_server.bureau.engine) as session:
        other = replace(
            DUMPLINGS, sign_name="老味面馆", address="柳口路30号", licence_number=None, credit_code=None
        )
        add_units(session, [other], field_server.bureau.now)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    page = tablet.page
    page.get_by_role("link", name="计划外检查").click()
    page.get_by_text("名单里没有？").click()
    page.fill("#words", "老味")
    page.get_by_role("button", name="找", exact=True).click()
    page.get_by_role("button", name="老味面馆").click()
    expect(page.locator("#unit option:checked")).to_contain_text("老味面馆")
    tablet.offline()
    tablet.close()
    tablet.start()
    tablet.offline()
    tablet.open()
    tablet.unlock(name=LEAD)
    page = tablet.page
    page.goto(f"{tablet.address}/tablet#/unplanned")
    page.select_option("#unit", label=page.locator("#unit option", has_text="老味面馆").inner_text())
    page.select_option("#second", label=SECOND)
    page.get_by_role("button", name="专项检查").click()
    page.get_by_role("button", name="投诉举报").click()
    page.fill("#reason", "举报后厨有老鼠")
    page.get_by_role("button", name="开始检查").click()
    page.get_by_role("button", name="已向对方出示两人的执法证").wait_for()
    visit = page.url.rpartition("/visit/")[2].split("/")[0]
    preset = tablet.ask("(running, visit) => running.work.view(visit).answers.get('1.4')", visit)
    assert (preset["answer"], preset["preset"]) == ("na", True)


def _begun(tablet: Tablet) -> dict[str, Any]:
    """Begin what the form of an unassigned visit says; the visit looks at what it was opened with."""
    tablet.page.get_by_role("button", name="开始检查").click()
    tablet.page.get_by_role("button", name="已向对方出示两人的执法证").wait_for()
    visit = tablet.page.url.rpartition("/visit/")[2].split("/")[0]
    opening: dict[str, Any] = tablet.ask("(running, visit) => running.work.view(visit).opening", visit)
    codes = tablet.ask("(running, visit) => running.work.view(visit).items.map((one) => one.code)", visit)
    assert codes == opening["items"]
    return opening


def test_health_certificates_are_recorded_by_number_and_first_day_and_stand_in_the_record(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.go("问题")
    page = tablet.page
    page.fill("#health-seen", "6")
    expect(page.get_by_text("才记入检查记录")).to_be_visible()
    tablet.go("检查")
    tablet.go("问题")
    expect(page.locator("#health-seen")).to_have_value("6")
    page.fill("#health-until", "2026-12-01")
    said = "(running, visit) => running.work.view(visit).fields.get('health')?.value ?? null"
    tablet.wait_for(f"(running, visit) => ({said})(running, visit) !== null", visit)
    assert tablet.ask(said, visit) == {"seen": 6, "earliest_until_on": "2026-12-01"}
    page.fill("#health-seen", "")
    tablet.wait_for(f"(running, visit) => ({said})(running, visit) === null", visit)
    page.fill("#health-seen", "7")
    tablet.go("检查")
    tablet.answer_rest()
    tablet.decide(result="符合", handling="通过，无须处理")
    tablet.close_visit()
    text = tablet.ask("(running, visit) => running.work.view(visit).signed.text", visit)
    assert "查看从业人员健康证明7份，最早一份2026年12月1日到期。" in text
    tablet.wait_until_sent()


@pytest.mark.parametrize(("days", "said"), [(30, "还有30天"), (-1, "已过1天"), (200, None)])
def test_an_inspector_is_told_before_the_own_certificate_ends(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], days: int, said: str | None
) -> None:
    assign(field_server.bureau)
    with transaction(field_server.bureau.engine) as session:
        account = session.get_one(Account, field_server.bureau.accounts[LEAD])
        account.certificate_until_on = civil_day(utc_now()) + timedelta(days=days)
        session.add(account)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    warning = tablet.page.get_by_text(f"{LEAD}的执法证")
    if said is None:
        expect(tablet.page.locator(".list .row")).to_have_count(1)
        expect(warning).to_have_count(0)
        return
    expect(warning).to_contain_text(said)
    expect(warning).to_contain_text("换证后请管理员登记")
    tablet.begin("福满源")
    expect(tablet.page.get_by_role("main").get_by_text(f"{LEAD}的执法证")).to_contain_text(said)


def test_photos_of_the_last_findings_are_there_after_a_start_without_a_network(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", remark="生鸡肉放在熟食上面")
    tablet.photograph("2.3", 2)
    tablet.answer("P5.02")
    tablet.answer_rest()
    tablet.decide()
    tablet.close_visit()
    tablet.wait_until_sent()
    _confirm(field_server, visit)
    again = assign(field_server.bureau, kind="recheck")
    tablet.page.goto(f"{tablet.address}/tablet#/device")
    tablet.page.get_by_role("button", name="现在上传并更新名单").click()
    tablet.wait_for("(running, id) => running.work.assignment(id) !== null", again)
    tablet.wait_until_sent()

    tablet.close()
    tablet.start()
    tablet.offline()
    tablet.open()
    tablet.unlock(name=LEAD)
    tablet.page.locator(f".list a[href$='{again}']").click()
    unit = tablet.page.locator(".unit")
    for words in (
        "JY21201119900016",
        "餐馆",
        "门店码",
        "风险等级",
        "临近到期",
        "责令改正",
        "生鸡肉放在熟食上面",
    ):
        expect(unit).to_contain_text(words)
    pictures = unit.locator(".past img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 0


def _bytes_of(tablet: Tablet, digest: str) -> bytes:
    """A picture that the tablet keeps."""
    question = """async (running, digest) =>
      [...new Uint8Array(await running.work.store.photoBytes(digest))]"""
    return bytes(tablet.ask(question, digest))


def _is_red(picture: Image.Image, x: int, y: int) -> bool:
    red, _, blue = picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red > blue


def test_a_photo_is_set_upright_scaled_down_and_freed_of_its_place_and_turned_on_a_tap(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], tmp_path: Path
) -> None:
    taken = Image.new("RGB", (2400, 1200), (200, 20, 20))
    taken.paste((20, 20, 200), (1200, 0, 2400, 1200))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (39.0, 8.0, 2.0)
    taken.save(tmp_path / "taken.jpg", exif=exif)
    with Image.open(tmp_path / "taken.jpg") as picture:
        assert picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    tablet = make_tablet()
    # Without a camera of its own the application takes the system's picture, as it is.
    tablet.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none'))"
    )
    visit = _begin(field_server, tablet)
    tablet.answer("2.3", "fail")
    row = tablet.item("2.3")
    row.get_by_role("button", name="＋ 拍照").click()
    row.locator("input[type=file]").set_input_files(tmp_path / "taken.jpg")
    expect(row.locator(".picture img")).to_have_count(1)
    row.get_by_role("button", name="完成").click()
    said = "(running, visit) => running.work.view(visit).answers.get('2.3').photos"
    (digest,) = tablet.ask(said, visit)
    kept = _bytes_of(tablet, digest)
    assert hashlib.sha256(kept).hexdigest() == digest
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.size, dict(picture.getexif())) == ((800, 1600), {})
        assert _is_red(picture, 400, 100), "what was on the left of the sensor is above"
        assert not _is_red(picture, 400, 1500)
    row.get_by_role("button", name="转向").click()
    tablet.wait_for(
        "(running, value) => running.work.view(value[0]).answers.get('2.3').photos[0] !== value[1]",
        [visit, digest],
    )
    (turned,) = tablet.ask(said, visit)
    with Image.open(io.BytesIO(_bytes_of(tablet, turned))) as picture:
        assert picture.size == (1600, 800)
        assert _is_red(picture, 1500, 400), "a quarter turn clockwise"
    tablet.wait_until_sent()


def _confirm(server: FieldServer, visit: str) -> None:
    engine = server.bureau.engine
    with read_only(engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        seen = fingerprint_of(field_record(session, row))
    confirm_and_grade(engine, Reviewing(row.id or 0, server.bureau.accounts[REVIEWER], seen), now=utc_now())


def test_the_device_is_asked_where_it_is_on_a_tap_and_never_else(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    tablet.page.add_init_script(_COUNT_PLACES)
    visit = _begin(field_server, tablet)
    tablet.answer("2.3", "fail")
    tablet.photograph("2.3")
    tablet.wait_until_sent()
    tablet.go("问题")
    assert tablet.page.evaluate("window.places") == 0
    tablet.page.get_by_role("button", name="记录一次位置").click()
    expect(tablet.page.get_by_text("39.137200, 117.008100，误差约12米")).to_be_visible()
    assert tablet.page.evaluate("window.places") == 1
    tablet.page.locator(".block", has_text="位置").get_by_role("button", name="移除").click()
    said = tablet.ask("(running, visit) => running.work.view(visit).fields.get('location').value", visit)
    assert said is None


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("true", "浏览器同意长期保存，不会自动清除"),
        ("false", "浏览器没有同意长期保存：请把本应用安装到主屏幕"),
    ],
)
def test_lasting_storage_is_asked_for_and_the_answer_is_shown(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], answer: str, words: str
) -> None:
    tablet = make_tablet()
    tablet.page.add_init_script(f"navigator.storage.persist = async () => {answer};")
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.page.goto(f"{tablet.address}/tablet#/device")
    expect(tablet.page.get_by_text(words)).to_be_visible()
    expect(tablet.page.get_by_text("Chrome 或 Edge 109（2023年1月）")).to_be_visible()


def test_a_closed_door_is_photographed_signed_by_two_and_stands_on_the_day(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.begin_offline(LEAD, field_server.enrolment())
    page = tablet.page
    page.get_by_role("link", name="记录无法检查").click()
    page.get_by_role("button", name="到场时关门，无人应答").click()
    expect(page.get_by_text("签名之前，请拍一张关门的现场照片")).to_be_visible()
    tablet.go("签名")
    expect(page.get_by_text("拍一张关门的现场照片")).to_be_visible()
    expect(page.get_by_role("button", name="签名完成，结束检查")).to_have_count(0)

    page.get_by_role("link", name="无法检查").click()
    page.get_by_role("button", name="＋ 拍照").click()
    page.get_by_role("button", name="拍下").click()
    expect(page.locator("#obstruction-photos .picture img")).to_have_count(1)
    page.get_by_role("button", name="完成").click()
    expect(page.get_by_text("签名之前")).to_have_count(0)
    tablet.go("签名")
    end = page.get_by_role("button", name="签名完成，结束检查")
    expect(end).to_be_disabled()
    for place in (1, 2):
        tablet.draw(page.locator(".signature").nth(place))
    end.click()
    tablet.offline(False)
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = session.exec(select(Assignment).where(Assignment.public_id == visit)).one()
        event = session.exec(select(AssignmentEvent).where(AssignmentEvent.assignment_id == row.id)).all()[-1]
    assert row.state is AssignmentState.CLOSED_DOOR
    assert event.photo_sha256 is not None


def test_a_signature_that_the_server_finds_incomplete_opens_the_visit_again_and_names_what_is_missing(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.answer_rest()
    tablet.decide("符合", "通过，无须处理")
    tablet.go("签名")
    # An older version of the application, which did not ask how the result was told.
    expect(tablet.page.get_by_text("先书面告知结果，再签名")).to_be_visible()
    tablet.wait_for("(running, visit) => Boolean(running.work.view(visit).meta.record_number)", visit)
    tablet.ask(_SIGN_AT_ONCE, visit)
    refused = tablet.page.get_by_text("服务器没有收下签名")
    expect(refused).to_contain_text("还没有书面告知")
    expect(refused).to_contain_text("缺少主检人员签名")
    tablet.close_visit()
    tablet.wait_until_sent()
    expect(tablet.page.get_by_text("服务器暂时没有收下签名")).to_have_count(0)
    engine = field_server.bureau.engine
    with read_only(engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        assert row.state is FieldVisitState.SIGNED
        seen = fingerprint_of(field_record(session, row))
    tablet.page.get_by_role("link", name="今天").first.click()
    expect(tablet.page.locator(".list .row", has_text="福满源")).to_contain_text("已签名，已送达")
    with transaction(engine) as session:
        reviewing = Reviewing(row.id or 0, field_server.bureau.accounts[REVIEWER], seen)
        return_field_visit(session, reviewing, reason="2.7项没有写清楚", now=utc_now())
    tablet.ask("(running) => running.sync.run()")
    tablet.page.locator(".list .row", has_text="福满源").click()
    tablet.page.get_by_role("link", name="继续", exact=True).click()
    expect(tablet.page.get_by_text("复核人退回了这次检查：2.7项没有写清楚。")).to_be_visible()
    expect(refused).to_have_count(0)


def test_a_decision_that_a_later_finding_makes_whole_is_said_without_a_further_tap(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    with transaction(field_server.bureau.engine) as session:
        # Only a demonstration has values for all that the rules ask, and so a suggestion.
        set_mark(session, DEMONSTRATION, now=utc_now())
        load_seeds(session, actor=LEAD, now=utc_now())
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.answer_rest()
    tablet.go("认定")
    page = tablet.page
    page.get_by_role("button", name="不符合", exact=True).click()
    page.get_by_role("button", name="通过，无须处理", exact=True).click()
    expect(page.get_by_text("还缺：与建议不同的理由")).to_be_visible()
    tablet.go("检查")
    for code in ("2.3", "2.6", "2.7"):
        for station in page.locator(".stations button").all():
            station.click()
            if tablet.item(code).count():
                break
        tablet.answer(code, "fail")
        tablet.describe(code, safety=True, spot=True)
    suggested = tablet.ask("(running, visit) => running.work.suggestion(visit).result", visit)
    assert suggested == "non_compliant"
    tablet.go("签名")
    tablet.wait_for("(running, visit) => running.work.view(visit).fields.has('decision')", visit)
    expect(page.locator(".record")).to_contain_text("检查结果：不符合")
    tablet.close_visit()
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = find_field_visit(session, visit)
    assert row is not None
    assert row.state is FieldVisitState.SIGNED


def test_a_begun_visit_whose_task_was_taken_back_says_so_and_can_be_left_as_evidence(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.answer("2.3", "fail")
    tablet.wait_until_sent()
    with transaction(field_server.bureau.engine) as session:
        task = session.exec(select(Assignment)).one()
        withdraw_assignment(session, task.id or 0, reason="改由市局检查", actor=REVIEWER, now=utc_now())
    tablet.ask("(running) => running.sync.run({ fetchBundle: true })")
    tablet.page.goto(f"{tablet.address}/tablet#/today/{visit}")
    expect(tablet.page.get_by_text("这个任务已经改派或撤回")).to_be_visible()
    tablet.page.get_by_role("button", name="不再查了").click()
    row = tablet.page.locator(".list .row", has_text="福满源")
    expect(row).to_contain_text("不再查，已作为证据")
    tablet.page.reload()
    tablet.unlock(name=LEAD)
    expect(row).to_contain_text("不再查，已作为证据")
    assert len(tablet.changes(visit)) > 1, "nothing of it is thrown away"
