"""The promise of the roles: who may call what, for every address, apart from the program's own policy.

Each row is an address, who may look there, and who may change something there, by the letters below. The
table is the statement of the roles; where the program's policy says otherwise, one of the two is wrong.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app import create_app
from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.clock import utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import transaction
from tests.bureau import ADMINISTRATOR, PASSWORD
from tests.staff import StaffClient, signed_in
from tests.tablets import LEAD, TabletClient, open_field_bureau, signed_in_tablet

ROLES = {
    "I": Role.INSPECTOR,
    "M": Role.CAMPAIGN_MANAGER,
    "R": Role.REVIEWER,
    "E": Role.EDITOR,
    "P": Role.APPROVER,
    "U": Role.AUDITOR,
    "B": Role.REPORTING_BODY,
    "A": Role.ADMINISTRATOR,
}
ALL = "".join(ROLES)
TABLET = "T"
"""An inspector from a registered tablet; the desk's sign-in does not do."""
ANYONE = "*"

WHO: dict[str, tuple[str, str]] = {
    # Everybody on the staff, with an own account.
    "/desk/sign-out": ("", ALL),
    "/desk/": (ALL, ""),
    "/desk/account": (ALL, ""),
    "/desk/account/password": ("", ALL),
    "/desk/account/code": ("", ALL),
    "/desk/account/sessions/<int:session_id>/end": ("", ALL),
    # The reporting body: its own figures.
    "/desk/reporting": ("B", ""),
    # The administrator: accounts, tablets, settings, and no content.
    "/desk/people": ("AU", "A"),
    "/desk/people/<name>": ("AU", "A"),
    "/desk/people/<name>/recusals": ("AU", "A"),
    "/desk/settings": ("AU", "A"),
    "/desk/settings/files": ("", "A"),
    "/desk/settings/files/<kind>": ("AU", ""),
    "/desk/tablets": ("AU", "A"),
    "/desk/tablets/codes/<int:enrolment_id>/withdraw": ("", "A"),
    "/desk/tablets/exports": ("AU", "A"),
    "/desk/tablets/recovery-key": ("", "A"),
    "/desk/tablets/<int:tablet_id>/revoke": ("", "A"),
    "/desk/health": ("AU", ""),
    "/desk/audit/": ("U", ""),
    # The campaign manager: pools, draws, assignments.
    "/desk/campaigns/": ("MU", ""),
    "/desk/campaigns/new": ("MU", "M"),
    "/desk/campaigns/<key>": ("MU", ""),
    "/desk/campaigns/<key>/edit": ("MU", "M"),
    "/desk/campaigns/<key>/pool": ("MU", ""),
    "/desk/campaigns/<key>/nominations": ("", "M"),
    "/desk/campaigns/<key>/commit": ("", "M"),
    "/desk/campaigns/<key>/value": ("", "M"),
    "/desk/campaigns/<key>/draw": ("", "M"),
    "/desk/campaigns/<key>/exclude": ("", "M"),
    "/desk/campaigns/<key>/substitute": ("", "M"),
    "/desk/campaigns/<key>/inspector": ("", "M"),
    "/desk/campaigns/<key>/state": ("", "M"),
    "/desk/campaigns/<key>/release": ("", "M"),
    "/desk/campaigns/<key>/redraw": ("", "M"),
    "/desk/campaigns/<key>/reveal": ("", "M"),
    "/desk/campaigns/<key>/photos/<sha256>": ("MU", ""),
    "/desk/campaigns/<key>/certificate.json": ("MU", ""),
    "/desk/plan/": ("MU", ""),
    "/desk/plan/make": ("", "M"),
    "/desk/plan/assign": ("", "M"),
    "/desk/plan/visits": ("", "M"),
    "/desk/plan/release": ("", "M"),
    "/desk/plan/withdraw": ("", "M"),
    "/desk/plan/higher": ("MU", "M"),
    "/desk/plan/city": ("MU", "M"),
    "/desk/plan/city/results": ("", "M"),
    # The inspector: own visits, on the tablet alone; own orders and letters at the desk.
    "/api/v1/token": (TABLET, ""),
    "/api/v1/bundle": (TABLET, ""),
    "/api/v1/units": (TABLET, ""),
    "/api/v1/changes": ("", TABLET),
    "/api/v1/photos/<sha256>/pieces": (TABLET, ""),
    "/api/v1/photos/<sha256>/pieces/<int(max=9999):number>": ("", TABLET),
    "/api/v1/photos/<sha256>": (TABLET, ""),
    "/api/v1/visits/<visit>/documents/<name>.pdf": (TABLET, ""),
    "/desk/orders": ("IMRU", ""),
    "/desk/orders/<int:order_id>": ("", "IR"),
    "/desk/orders/<int:order_id>/evidence/<sha256>": ("IMRU", ""),
    "/desk/messages/": ("IREU", ""),
    "/desk/messages/<int:message_id>": ("IREU", ""),
    "/desk/messages/<int:message_id>/letter": ("IREU", ""),
    "/desk/messages/<int:message_id>/print": ("", "IRE"),
    "/desk/messages/<int:message_id>/delivery": ("", "IRE"),
    "/desk/messages/<int:message_id>/withdraw": ("", "RE"),
    "/desk/messages/<int:message_id>/text": ("", "RE"),
    # The reviewer: visits of others.
    "/desk/review": ("RU", ""),
    "/desk/review/<int:field_visit_id>": ("RU", "R"),
    "/desk/review/<int:field_visit_id>/register": ("", "R"),
    "/desk/review/<int:field_visit_id>/photos/<sha256>": ("RU", ""),
    "/desk/review/<int:field_visit_id>/papers/<name>.pdf": ("RU", ""),
    "/desk/register": ("REU", ""),
    "/desk/register/<int:finding_id>": ("", "E"),
    "/desk/units/<int:unit_id>/visits": ("MREU", ""),
    # The editor: the register, imported records, drafts, plates.
    "/desk/units/": ("MREAU", ""),
    "/desk/units/<int:unit_id>": ("MREAU", ""),
    "/desk/units/<int:unit_id>/links": ("", "E"),
    "/desk/units/<int:unit_id>/contact": ("", "E"),
    "/desk/units/<int:unit_id>/links/<int:link_id>/revoke": ("", "E"),
    "/desk/units/imports": ("EU", "E"),
    "/desk/units/imports/reports/<name>": ("EU", ""),
    "/desk/units/proposals": ("EU", ""),
    "/desk/units/proposals/<int:proposal_id>": ("", "E"),
    "/desk/batches/": ("EU", "E"),
    "/desk/batches/<int:batch_id>": ("EU", ""),
    "/desk/batches/<int:batch_id>/release": ("", "E"),
    "/desk/batches/<int:batch_id>/review": ("", "E"),
    "/desk/plates/": ("MREAU", ""),
    "/desk/plates/find": ("MREAU", ""),
    "/desk/plates/print": ("", "E"),
    "/desk/plates/batches/<int:batch_id>": ("MREAU", ""),
    "/desk/plates/batches/<int:batch_id>/<name>": ("EU", ""),
    "/desk/plates/batches/<int:batch_id>/hand-over": ("", "E"),
    "/desk/plates/doors/<code>": ("MREAU", ""),
    "/desk/plates/doors/<code>/hand-over": ("", "E"),
    "/desk/plates/doors/<code>/seen": ("", "E"),
    "/desk/plates/doors/<code>/withdraw": ("", "E"),
    "/desk/plates/doors/<code>/replace": ("", "E"),
    # The approver: what becomes public, and the values of the rules.
    "/desk/editions/": ("EPU", ""),
    "/desk/editions/<key>": ("EPU", ""),
    "/desk/editions/<month>/draft": ("EU", "E"),
    "/desk/editions/<month>/approve": ("", "P"),
    "/desk/editions/<month>/publish": ("", "P"),
    "/desk/editions/<key>/withdraw": ("", "P"),
    "/desk/rules/": ("REPAU", ""),
    "/desk/rules/<scheme>": ("REPAU", "P"),
    "/desk/rules/preview/": ("REPAU", "REPA"),
    # The public, without an account.
    "/": (ANYONE, ""),
    "/<path:path>": (ANYONE, ""),
    "/s/<typed>": (ANYONE, ""),
    "/s/<typed>/": (ANYONE, ""),
    "/search": (ANYONE, ""),
    "/health": (ANYONE, ""),
    "/static/<path:name>": (ANYONE, ""),
    "/in": (ANYONE, ""),
    "/in/": (ANYONE, ""),
    "/in/nominate": (ANYONE, ""),
    "/in/nominate/<key>": (ANYONE, ANYONE),
    "/in/u/<token>": (ANYONE, ANYONE),
    "/desk/sign-in": (ANYONE, ANYONE),
    "/desk/<path:rest>": (ANYONE, ANYONE),
    "/tablet": (ANYONE, ""),
    "/tablet/": (ANYONE, ""),
    "/tablet/<path:rest>": (ANYONE, ANYONE),
    "/tablet/worker.js": (ANYONE, ""),
    "/tablet/manifest.webmanifest": (ANYONE, ""),
    "/api/v1/session": ("", ANYONE),
    "/api/<path:rest>": (ANYONE, ANYONE),
}
# Nothing that is there: who may call gets an answer about that, and changes nothing.
_NOWHERE = {
    "name": "x",
    "scheme": "x",
    "key": "2031-01",
    "month": "2031-01",
    "code": "7K3M-92QF",
    "number": 0,
}
_NO_ID = 2_000_000
_TURNED_AWAY = {401, 403}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Flask]:
    """A bureau with one account for each role."""
    data = tmp_path_factory.mktemp("roles")
    (data / "honghei.sqlite").write_bytes(migrated_file.read_bytes())
    application = create_app(Configuration(data=data))
    engine, now = application.extensions["house"].engine, utc_now()
    open_field_bureau(engine)
    with transaction(engine) as session:
        for letter, role in ROLES.items():
            add_account(
                session, name=_name(letter), password=PASSWORD, roles=[role], actor=ADMINISTRATOR, now=now
            )
    yield application
    engine.dispose()


def _name(letter: str) -> str:
    return f"某某{letter}"


def _calls(application: Flask) -> Iterator[tuple[str, str, str, str]]:
    """Every rule, method and address, and who may."""
    for rule in application.url_map.iter_rules():
        look, change = WHO[rule.rule]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.rule, method, _address(application, rule), look if method == "GET" else change


def _address(application: Flask, rule: Rule) -> str:
    with application.test_request_context():
        values = {
            name: _NO_ID if name.endswith("_id") else _NOWHERE.get(name, "0" * 64) for name in rule.arguments
        }
        built = rule.build(values)
    assert built is not None
    return built[1]


def _status(client: StaffClient, method: str, address: str) -> int:
    client.get("/desk/account")
    data = {"csrf_token": client.token} if method != "GET" else None
    headers = {"X-CSRFToken": client.token}
    return client.client.open(address, method=method, data=data, headers=headers).status_code


def test_the_table_names_every_address_and_none_that_is_not_there(house: Flask) -> None:
    assert {rule.rule for rule in house.url_map.iter_rules()} == set(WHO)


@pytest.mark.parametrize("letter", ROLES)
def test_each_role_reaches_what_the_table_gives_it_and_nothing_else(house: Flask, letter: str) -> None:
    client = signed_in(house, _name(letter), PASSWORD)
    wrong = []
    for rule, method, address, who in sorted(_calls(house), key=lambda call: "sign-out" in call[0]):
        if who == ANYONE:
            continue
        is_let_in = _status(client, method, address) not in _TURNED_AWAY
        if is_let_in != (letter in who):
            wrong.append(f"{method} {rule}: {'let in' if is_let_in else 'turned away'}")
    assert wrong == []


def test_the_tablets_calls_are_open_to_an_inspector_on_a_registered_tablet(house: Flask) -> None:
    tablet = signed_in_tablet(house, house.extensions["house"].engine, LEAD)
    called = [call for call in _calls(house) if call[3] == TABLET]
    assert len(called) == 8
    for _, method, address, _ in called:
        assert _called(tablet, method, address) not in _TURNED_AWAY, (method, address)


def _called(tablet: TabletClient, method: str, address: str) -> int:
    headers = {"X-CSRFToken": tablet.token}
    return tablet.client.open(address, method=method, json={}, headers=headers).status_code


def test_without_an_account_only_the_public_addresses_answer(house: Flask) -> None:
    visitor = StaffClient(house)
    visitor.get("/desk/sign-in")
    headers = {"X-CSRFToken": visitor.token}
    for rule, method, address, who in _calls(house):
        data = {"csrf_token": visitor.token} if method != "GET" else None
        answer = visitor.client.open(address, method=method, data=data, headers=headers)
        is_led_to_sign_in = answer.status_code == 303 and "/desk/sign-in" in answer.headers["Location"]
        is_turned_away = is_led_to_sign_in or answer.status_code in _TURNED_AWAY
        if who != ANYONE:
            assert is_turned_away, (rule, method, answer.status_code)
        elif method == "GET":
            assert not is_turned_away, (rule, method, answer.status_code)
