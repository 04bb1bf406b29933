"""Promises of every form of the desk: nonsense is refused in a sentence, nothing changes, nothing is lost."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlmodel import select

from app import create_app
from inspections.people.access import ACCESS_POLICY
from inspections.people.tables import Role
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, read_only
from inspections.record.migrate import migrate
from inspections.record.tables import AuditHead
from tests.bureau import ADMINISTRATOR, APPROVER, EDITOR, PASSWORD
from tests.furnished import WHO, Furnished, furnish
from tests.staff import StaffClient, signed_in
from tests.tablets import REVIEWER

NONSENSE = (
    "",
    "9" * 5_000,
    "-1",
    "NaN",
    "2026-13-40",
    "9999-12-31",
    "0001-01-01",
    "<script>alert(1)</script>",
    "長" * 3_000,
)
# What these do needs nothing typed: nonsense beside it is not looked at.
ASK_NOTHING = {
    *(
        "people.sign_out",
        "people.session_ended",
        "messages.printed",
        "batches.released",
        "units.link_renewed",
    ),
    "staff.tablet_revoked",
    "staff.tablet_code_withdrawn",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Furnished]]:
    """A bureau with something on every page."""
    data: Path = tmp_path_factory.mktemp("forms")
    engine = open_database(f"sqlite:///{data / 'honghei.sqlite'}")
    migrate(engine)
    engine.dispose()
    application = create_app(Configuration(data=data))
    yield application, furnish(application)
    application.extensions["house"].engine.dispose()


# Texts that people are free to word: left out here, for any wording would be taken.
FREE = {"reason", "note", "label", "theme", "missing_evidence", "passphrase"}
# Where leaving everything out says something: no text messages, an edition without entries.
EMPTY_IS_AN_ANSWER = {"units.contact_put", "editions.draft_saved"}


def _forms(application: Flask, things: Furnished) -> Iterator[tuple[str, str]]:
    """Every endpoint of the desk that takes a form, at an address that is there and one that is not."""
    texts = {"name": EDITOR, "key": things.month, "month": things.month, "scheme": "tianjin-2020"}
    for rule in application.url_map.iter_rules():
        if "POST" not in (rule.methods or set()) or not rule.rule.startswith("/desk"):
            continue
        if rule.endpoint in {"nowhere.unknown_address", *ASK_NOTHING}:
            continue
        for values in (
            {name: things.numbers.get(name, texts.get(name, "x")) for name in rule.arguments},
            {name: 2_000_000 if name in things.numbers else "2031-01" for name in rule.arguments},
        ):
            if rule.endpoint.startswith("campaigns.") and values.get("key") == things.month:
                values["key"] = things.campaign
            with application.test_request_context():
                yield rule.endpoint, application.url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # what rules name


def _names_in_forms(pages: list[str]) -> set[str]:
    found = set()
    for page in pages:
        for field in BeautifulSoup(page, "html.parser").select("form[method=post] [name]"):
            found.add(str(field["name"]))
    return found - {"csrf_token", "form", "to"}


def _chain(application: Flask) -> int:
    with read_only(application.extensions["house"].engine) as session:
        return session.exec(select(AuditHead)).one().length


def test_nonsense_in_any_form_is_a_sentence_and_changes_nothing(desk: tuple[Flask, Furnished]) -> None:
    application, things = desk
    staff = {role: signed_in(application, name, PASSWORD) for role, name in WHO.items()}
    pages = [
        answer.text
        for client in staff.values()
        for rule in application.url_map.iter_rules()
        if rule.rule.startswith("/desk") and "GET" in (rule.methods or set()) and not rule.arguments
        if (answer := client.client.get(rule.rule)).status_code == 200
    ]
    names = _names_in_forms(pages) | {
        "act",
        "kind",
        "reason",
        "note",
        "value_at",
        "number",
        "issue_no",
        "mobile",
    }
    assert len(names) > 40
    looked_at, faults = set(), []
    for endpoint, address in _forms(application, things):
        roles = ACCESS_POLICY[endpoint].roles
        held = [client for role, client in staff.items() if role.value in roles]
        client = held[0] if held else staff[Role.AUDITOR]
        looked_at.add(endpoint)
        for nonsense in NONSENSE:
            if not nonsense and endpoint in EMPTY_IS_AN_ANSWER:
                continue
            before = _chain(application)
            client.get("/desk/")
            answer = client.post(address, dict.fromkeys(names - FREE, nonsense))
            is_led = answer.status_code == 303
            told = client.client.get(answer.headers["Location"]) if is_led else answer
            said, status = told.text, told.status_code
            is_said = "told fault" in said or 'role="alert"' in said or status in {404, 413}
            is_refused = is_led or 400 <= answer.status_code < 500
            if not (is_said and is_refused and "Traceback" not in said and _chain(application) == before):
                faults.append((endpoint, address, nonsense[:20], answer.status_code))
    assert faults == []
    assert len(looked_at) > 35


@pytest.mark.parametrize(
    "address",
    [
        "/desk/units/99999999999999999999",
        "/desk/messages/4294967296",
        "/desk/people/%00",
        "/desk/people/%00/recusals",
        "/desk/units/?q=%00&page=-1",
        "/desk/audit/?event=%00&page=99999999999",
        "/desk/audit/?event=setting_set&page=999999",
    ],
)
def test_no_address_breaks_the_desk(desk: tuple[Flask, Furnished], address: str) -> None:
    client = signed_in(desk[0], WHO[Role.AUDITOR], PASSWORD)
    answer = client.client.get(address)
    assert answer.status_code in {200, 400, 404}
    assert "系统出错" not in answer.text


def _value(page: str, name: str) -> str:
    field = BeautifulSoup(page, "html.parser").select_one(f'[name="{name}"]:not([type=hidden])')
    assert field is not None, name
    if field.name == "select":
        chosen = field.select_one("option[selected]")
        return str(chosen["value"]) if chosen else ""
    return field.text.strip() if field.name == "textarea" else str(field.get("value", ""))


def _typed(client: StaffClient, page: str, address: str, fields: dict[str, str]) -> str:
    client.get(page)
    answer = client.post(address, fields)
    assert answer.status_code == 422, (address, answer.status_code)
    assert re.search(r'class="told fault" role="alert">[^<]{8,}', answer.text)
    return answer.text


def test_a_refused_form_keeps_what_was_typed(desk: tuple[Flask, Furnished]) -> None:
    application, things = desk
    numbers = things.numbers
    administrator = signed_in(application, ADMINISTRATOR, PASSWORD)
    editor = signed_in(application, EDITOR, PASSWORD)
    approver = signed_in(application, APPROVER, PASSWORD)
    reviewer = signed_in(application, REVIEWER, PASSWORD)
    person, unit = f"/desk/people/{EDITOR}", f"/desk/units/{numbers['unit_id']}"
    letter, visit = f"/desk/messages/{numbers['message_id']}", f"/desk/review/{numbers['field_visit_id']}"
    rules = "/desk/rules/tianjin-2020"
    account = {"name": "钱进", "certificate_number": "02-1", "password": "short", "roles": "editor"}
    training = {
        "form": "training",
        "act": "training",
        "subject": "冷食",
        "hours": "许多",
        "held_on": "2026-11-01",
    }
    setting = {"key": "red_term_days", "value": "很久", "from_on": "2026-12-01"}
    cell = {"cell": "visits_per_year.A", "value": "许多", "from_on": "2026-12-01"}
    posted = {"delivered_on": "2020-01-01", "way": "posted", "handed_over_by": "刘洋", "receipt": "post_slip"}
    returned = {"form": "return", "act": "return", "seen": "0" * 64, "reason": "照片不清楚"}
    cases = (
        (administrator, "/desk/people", "/desk/people", account),
        (administrator, "/desk/settings", "/desk/settings", setting),
        (administrator, "/desk/tablets", "/desk/tablets", {"label": "平板" * 30}),
        (administrator, person, person, training),
        (approver, rules, rules, cell),
        (editor, unit, f"{unit}/contact", {"form": "contact", "mobile": "123"}),
        (editor, letter, f"{letter}/delivery", {"form": "delivery", "note": "EMS 1", **posted}),
        (reviewer, visit, visit, returned),
    )
    for client, page, address, fields in cases:
        said = _typed(client, page, address, fields)
        for name, value in fields.items():
            if name not in {"form", "act", "seen", "password", "roles"}:
                assert _value(said, name) == value, (address, name)
        assert 'value="short"' not in said, "a password is never sent back"
    order = f"/desk/orders/{numbers['order_id']}"
    said = _typed(
        reviewer, "/desk/orders", order, {"form": str(numbers["order_id"]), "kind": "escalated", "note": ""}
    )
    form = BeautifulSoup(said, "html.parser").select_one(f'form[action="{order}"]')
    assert form is not None
    assert form.select_one('option[value="escalated"][selected]') is not None
    assert form.find_parent("details").has_attr("open"), "the form that was refused stands open"  # type: ignore[union-attr]  # it is there
