"""Promises of outgoing messages: a letter first, announced by a gateway where one is set, never lost."""

import multiprocessing
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, read_only, transaction
from inspections.record.settings import SettingError, set_setting
from inspections.units.messages.queries import message_lines, message_sheet
from inspections.units.messages.sending import MOST_ATTEMPTS, Sent, send_waiting, try_again
from inspections.units.messages.service import (
    MessageError,
    NewDelivery,
    mark_printed,
    record_contact,
    record_delivery,
    withdraw_message,
    write_message,
)
from inspections.units.messages.tables import (
    DeliveryWay,
    MessageAbout,
    OutgoingMessage,
    Receipt,
    TextAttempt,
    TextMessage,
    TextState,
)
from tests.bureau import ADMINISTRATOR, DUMPLINGS, EDITOR, FIRST_DAY, add_units, open_bureau
from tests.units.gateway import SILENCE, HeardGateway, running_gateway

MOBILE = "13800000000"


@pytest.fixture
def unit_id(database: Engine, now: datetime) -> int:
    """One unit of a bureau without a gateway."""
    open_bureau(database, now)
    with transaction(database) as session:
        (unit_id,) = add_units(session, [DUMPLINGS], now)
    return unit_id


@pytest.fixture
def gateway(database: Engine, unit_id: int, now: datetime) -> Iterator[HeardGateway]:
    """A gateway in force, and a unit that gave its number."""
    with running_gateway() as running:
        _set(database, "sms_gateway", running.address, now)
        with transaction(database) as session:
            record_contact(session, unit_id, mobile="138 0000 0000", actor=EDITOR, now=now)
        yield running


def _set(engine: Engine, key: str, value: str, now: datetime) -> None:
    with transaction(engine) as session:
        set_setting(session, key=key, value=value, from_on=FIRST_DAY, actor=ADMINISTRATOR, now=now)


def _write(engine: Engine, unit_id: int, now: datetime, reference: str = "order/1/overdue") -> int:
    with transaction(engine) as session:
        return write_message(
            session,
            unit_id=unit_id,
            about=MessageAbout.OVERDUE,
            reference=reference,
            text="请改正。",
            actor=EDITOR,
            now=now,
        )


def _text(engine: Engine) -> TextMessage:
    with read_only(engine) as session:
        return session.exec(select(TextMessage)).one()


def _attempts(engine: Engine) -> list[str | None]:
    with read_only(engine) as session:
        return [row.outcome for row in session.exec(select(TextAttempt).order_by("id"))]


def _in_person(on: datetime, **fields: object) -> NewDelivery:
    given = {"received_by": "王某", **fields}
    return NewDelivery(civil_day(on), DeliveryWay.IN_PERSON, "刘洋、孙倩", Receipt.SIGNED, **given)  # type: ignore[arg-type]  # texts


def test_the_same_matter_is_written_once(database: Engine, unit_id: int, now: datetime) -> None:
    assert _write(database, unit_id, now) == _write(database, unit_id, now + timedelta(days=1))
    with read_only(database) as session:
        assert len(session.exec(select(OutgoingMessage)).all()) == 1


def test_without_a_gateway_there_is_a_letter_and_no_text_message(
    database: Engine, unit_id: int, now: datetime
) -> None:
    with transaction(database) as session:
        record_contact(session, unit_id, mobile=MOBILE, actor=EDITOR, now=now)
    _write(database, unit_id, now)
    assert send_waiting(database, None, now) == Sent(0, 0)
    with read_only(database) as session:
        assert session.exec(select(TextMessage)).all() == []
        (line,) = message_lines(session)
    assert (line.unit, line.state, line.is_open) == ("福满源饺子馆", "待打印", True)


def test_a_letter_is_printed_delivered_and_a_second_record_corrects_the_first(
    database: Engine, unit_id: int, now: datetime
) -> None:
    message_id = _write(database, unit_id, now)
    later = now + timedelta(days=2)
    with transaction(database) as session:
        mark_printed(session, message_id, actor=EDITOR, now=now)
        mark_printed(session, message_id, actor="王芳", now=later)
        record_delivery(session, message_id, _in_person(later), actor=EDITOR, now=later)
        refusal = NewDelivery(
            civil_day(later),
            DeliveryWay.LEFT,
            "刘洋、孙倩",
            Receipt.REFUSED,
            note="称负责人不在，社区网格员见证",
        )
        record_delivery(session, message_id, refusal, actor=EDITOR, now=later)
    with read_only(database) as session:
        sheet = message_sheet(session, message_id)
    assert sheet is not None
    assert (sheet.message.printed_by, sheet.message.printed_at) == (EDITOR, now)
    assert (sheet.line.state, len(sheet.deliveries)) == ("留置送达，拒收", 2)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"received_by": ""}, "签收人"),
        ({"receipt": Receipt.REFUSED}, "见证人"),
        ({"receipt": Receipt.POST_SLIP}, "单号"),
        ({"handed_over_by": " "}, "送达人是空的"),
        ({"handed_over_by": "长" * 41}, "不超过 40 个字"),
        ({"delivered_on": FIRST_DAY}, "送达日期"),
        ({"delivered_on": FIRST_DAY.replace(year=2099)}, "送达日期"),
    ],
)
def test_a_delivery_record_that_does_not_hold_is_refused(
    database: Engine, unit_id: int, now: datetime, fields: dict[str, object], words: str
) -> None:
    message_id = _write(database, unit_id, now)
    given = {
        "delivered_on": civil_day(now),
        "way": DeliveryWay.IN_PERSON,
        "handed_over_by": "刘洋",
        "receipt": Receipt.SIGNED,
        "received_by": "王某",
        **fields,
    }
    with transaction(database) as session, pytest.raises(MessageError, match=words):
        record_delivery(session, message_id, NewDelivery(**given), actor=EDITOR, now=now)  # type: ignore[arg-type]  # mixed


def test_a_delivered_letter_is_not_taken_back_and_a_withdrawn_one_goes_nowhere(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway
) -> None:
    kept, withdrawn = _write(database, unit_id, now, "a"), _write(database, unit_id, now, "b")
    with transaction(database) as session:
        record_delivery(session, kept, _in_person(now), actor=EDITOR, now=now)
        withdraw_message(session, withdrawn, reason="单位已改正", actor=EDITOR, now=now)
        with pytest.raises(MessageError, match="已经送达"):
            withdraw_message(session, kept, reason="x", actor=EDITOR, now=now)
        with pytest.raises(MessageError, match="已经撤回"):
            mark_printed(session, withdrawn, actor=EDITOR, now=now)
    assert send_waiting(database, None, now) == Sent(sent=1)
    assert len(gateway.heard) == 1


def test_a_letter_is_announced_once_with_the_gateways_secret_and_without_the_matter(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway
) -> None:
    _write(database, unit_id, now)
    token = Configuration(sms_secret="of the gateway").sms_token
    assert send_waiting(database, token, now) == Sent(sent=1)
    assert send_waiting(database, token, now) == Sent()
    (heard,) = gateway.heard
    assert heard["mobile"] == MOBILE
    assert heard["id"] == _text(database).public_id
    assert "新的书面通知" in heard["content"]
    assert "福满源" not in heard["content"]
    assert gateway.secrets == ["Bearer of the gateway"]
    assert (_text(database).state, _attempts(database)) == (TextState.SENT, ["网关已受理"])


def test_a_gateway_that_is_down_is_tried_again_later_with_the_same_number_and_at_last_given_up(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway
) -> None:
    gateway.answers = [500, None, 429, 503, 500]
    _write(database, unit_id, now)
    at = now
    for _ in range(MOST_ATTEMPTS):
        assert send_waiting(database, None, at) == Sent(failed=1)
        assert send_waiting(database, None, at) == Sent(), "it waits before it tries again"
        at += timedelta(days=2)
    assert send_waiting(database, None, at) == Sent()
    assert len({heard["id"] for heard in gateway.heard}) == 1
    assert _text(database).state is TextState.GIVEN_UP
    assert [
        word is not None and ("网关回答" in word or "没有回答" in word) for word in _attempts(database)
    ] == [True] * MOST_ATTEMPTS
    with transaction(database) as session:
        try_again(session, 1, actor=EDITOR, now=at)
    assert send_waiting(database, None, at) == Sent(sent=1)
    with read_only(database) as session:
        assert message_lines(session)[0].is_open, "the letter itself still has to be delivered"


@pytest.mark.parametrize("status", [400, 401, 302])
def test_what_a_gateway_refuses_is_said_at_once_and_goes_nowhere_else(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway, status: int
) -> None:
    gateway.answers = [status]
    _write(database, unit_id, now)
    assert send_waiting(database, None, now) == Sent(failed=1)
    assert (len(gateway.heard), _attempts(database)) == (1, [f"网关回答 {status}"])
    assert _text(database).state is TextState.GIVEN_UP


def test_a_gateway_that_answers_200_and_means_no_is_understood(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway
) -> None:
    _set(database, "sms_accepted", '"code":0', now)
    gateway.body = '{"code":17,"message":"余额不足"}'
    _write(database, unit_id, now)
    assert send_waiting(database, None, now) == Sent(failed=1)
    assert "余额不足" in (_attempts(database)[0] or "")


def _send_from_elsewhere(url: str, now: datetime) -> None:
    send_waiting(open_database(url), None, now)


def test_an_attempt_whose_process_is_killed_is_on_record_and_tried_again(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway
) -> None:
    gateway.answers = [SILENCE]
    _write(database, unit_id, now)
    url = database.url.render_as_string(hide_password=False)
    process = multiprocessing.get_context("spawn").Process(target=_send_from_elsewhere, args=(url, now))
    process.start()
    gateway.is_asked.wait()
    process.kill()
    process.join()
    assert _attempts(database) == [None]
    assert send_waiting(database, None, now + timedelta(hours=1)) == Sent(sent=1)
    assert _attempts(database) == [None, "网关已受理"]
    assert len({heard["id"] for heard in gateway.heard}) == 1


def test_what_stands_in_a_text_is_never_read_as_a_place(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway
) -> None:
    _set(database, "authority", '{mobile}"局"', now)
    _write(database, unit_id, now)
    send_waiting(database, None, now)
    assert '{mobile}"局"' in gateway.heard[0]["content"]


@pytest.mark.parametrize("mobile", ["1380000000", "23800000000", "１３８００００００００", "abc"])
def test_a_number_that_is_none_is_refused(database: Engine, unit_id: int, now: datetime, mobile: str) -> None:
    with transaction(database) as session, pytest.raises(MessageError, match="不是手机号码"):
        record_contact(session, unit_id, mobile=mobile, actor=EDITOR, now=now)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sms_gateway", "http://sms.example.cn/send"),
        ("sms_gateway", "ftp://sms.example.cn"),
        ("sms_gateway", "https://user:secret@sms.example.cn"),
        ("sms_gateway", "https://sms.example.cn:999999/"),
        ("sms_request", "mobile={mobile}"),
        ("sms_request", '{"to": "{mobile}"}'),
        ("sms_request", '["{mobile}", "{text}"]'),
    ],
)
def test_a_gateway_that_could_leak_or_cannot_work_is_refused(
    database: Engine, unit_id: int, now: datetime, key: str, value: str
) -> None:
    with pytest.raises(SettingError):
        _set(database, key, value, now)


def test_a_gateway_is_switched_off_by_a_dated_value(
    database: Engine, unit_id: int, now: datetime, gateway: HeardGateway
) -> None:
    _write(database, unit_id, now)
    _set(database, "sms_gateway", "无", now)
    assert send_waiting(database, None, now) == Sent()
    assert _text(database).state is TextState.WAITING, "it is kept for the day the gateway is back"


def test_the_gateways_secret_may_come_from_a_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("secret") / "sms.key"
    file.write_text("from a file\n", encoding="utf-8")
    assert Configuration(sms_secret_file=file).sms_token == "from a file"
    assert Configuration().sms_token is None


@pytest.mark.postgres
def test_letters_and_their_announcements_work_on_postgresql(postgres: Engine, now: datetime) -> None:
    open_bureau(postgres, now)
    with transaction(postgres) as session:
        (unit_id,) = add_units(session, [DUMPLINGS], now)
        record_contact(session, unit_id, mobile=MOBILE, actor=EDITOR, now=now)
    with running_gateway() as gateway:
        _set(postgres, "sms_gateway", gateway.address, now)
        message_id = _write(postgres, unit_id, now)
        gateway.answers = [500]
        assert send_waiting(postgres, None, now) == Sent(failed=1)
        assert send_waiting(postgres, None, now + timedelta(hours=1)) == Sent(sent=1)
    with transaction(postgres) as session:
        mark_printed(session, message_id, actor=EDITOR, now=now)
        record_delivery(session, message_id, _in_person(now), actor=EDITOR, now=now)
    with read_only(postgres) as session:
        (line,) = message_lines(session)
    assert (line.state, line.text_word) == ("当面送达，已签收", "短信已交网关")
