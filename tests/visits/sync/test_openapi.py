"""Promises of the description: every documented answer is given, and nothing else, whatever is sent."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import TestResponse

from inspections.record.configuration import PACKAGE_ROOT
from inspections.visits.sync.photos import PIECE_BYTES
from inspections.visits.sync.web import LARGEST_JSON
from tests.bureau import PASSWORD
from tests.tablets import LEAD, Draft, FieldBureau, TabletClient, announcement, photo

_DESCRIPTION = PACKAGE_ROOT / "docs" / "api" / "openapi.yaml"
SCHEMA = schemathesis.openapi.from_path(_DESCRIPTION)
PHOTO = photo()
SHA256 = announcement("x", PHOTO)["sha256"]
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class Scene:
    """The lead's tablet with a visit that has begun, one on which nobody is signed in, and a desk session."""

    lead: TabletClient
    stranger: TabletClient
    desk: TabletClient
    draft: Draft

    def signed(self) -> "Scene":
        """The same once the visit is signed and its photo has arrived."""
        self.draft.fill()
        self.draft.sign(self.lead.get("/bundle")["record_numbers"][0])
        self.lead.send(self.draft.changes[1:])
        assert self.lead.put_piece(SHA256, 0, PHOTO).status_code == 200
        return self


@pytest.fixture
def scene(application: Flask, bureau: FieldBureau, lead: TabletClient, draft: Draft) -> Scene:
    """The lead has opened a visit and announced a photo."""
    lead.send([draft.open()], [announcement(draft.visit, PHOTO)])
    desk = TabletClient(application, bureau.engine)
    desk.token = desk.client.get("/desk/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": desk.token, "name": LEAD, "password": PASSWORD}
    assert desk.client.post("/desk/sign-in", data=fields).status_code == 303
    stranger = TabletClient(application, bureau.engine)
    stranger.client.set_cookie("hhb_form", lead.kept().cookies["hhb_form"])
    stranger.token = lead.token
    return Scene(lead, stranger, desk, draft)


def _session(scene: Scene, **fields: object) -> TestResponse:
    body = {"name": LEAD, "password": PASSWORD, "tablet": {"id": scene.lead.public_id}, **fields}
    return scene.stranger.client.post("/api/v1/session", json=body)


def _throttled(scene: Scene) -> TestResponse:
    for _ in range(8):
        _session(scene, password="a wrong password")
    return _session(scene)


def _get(path: str) -> Callable[[TabletClient], TestResponse]:
    return lambda tablet: tablet.client.get(f"/api/v1{path}")


def _changes(tablet: TabletClient, **options: Any) -> TestResponse:
    headers = {"X-CSRFToken": options.pop("token", tablet.token)}
    return tablet.client.post("/api/v1/changes", headers=headers, **({"json": {}} | options))


def _piece(
    tablet: TabletClient, content: bytes = PHOTO, sha256: str = SHA256, **options: Any
) -> TestResponse:
    headers = {"X-CSRFToken": options.pop("token", tablet.token)}
    kind = options.pop("kind", "application/octet-stream")
    address = f"/api/v1/photos/{sha256}/pieces/0"
    return tablet.client.put(address, data=content, content_type=kind, headers=headers)


def _document(
    scene: Scene, tablet: TabletClient, name: str = "notice", visit: str | None = None
) -> TestResponse:
    return tablet.client.get(f"/api/v1/visits/{visit or scene.draft.visit}/documents/{name}.pdf")


_token, _bundle = _get("/token"), _get("/bundle")
_pieces, _picture = _get(f"/photos/{SHA256}/pieces"), _get(f"/photos/{SHA256}")
_DOCUMENT = "/visits/{visit}/documents/{name}.pdf"
_ONE = "/photos/{sha256}/pieces/{number}"
_ALL = "/photos/{sha256}/pieces"
_HUGE = b" " * (LARGEST_JSON + 1)

CASES: dict[tuple[str, str, int], Callable[[Scene], TestResponse]] = {
    ("/session", "POST", 200): _session,
    ("/session", "POST", 403): lambda scene: _session(scene, password="a wrong password"),
    ("/session", "POST", 413): lambda scene: scene.stranger.client.post(
        "/api/v1/session", data=_HUGE, content_type="application/json"
    ),
    ("/session", "POST", 415): lambda scene: scene.stranger.client.post(
        "/api/v1/session", data={"name": "x"}
    ),
    ("/session", "POST", 422): lambda scene: _session(scene, age=40),
    ("/session", "POST", 429): _throttled,
    ("/token", "GET", 200): lambda scene: _token(scene.lead),
    ("/token", "GET", 401): lambda scene: _token(scene.stranger),
    ("/token", "GET", 403): lambda scene: _token(scene.desk),
    ("/units", "GET", 200): lambda scene: _get("/units?q=福满源")(scene.lead),
    ("/units", "GET", 401): lambda scene: _get("/units?q=福满源")(scene.stranger),
    ("/units", "GET", 403): lambda scene: _get("/units?q=福满源")(scene.desk),
    ("/units", "GET", 422): lambda scene: _get("/units")(scene.lead),
    ("/bundle", "GET", 200): lambda scene: _bundle(scene.lead),
    ("/bundle", "GET", 401): lambda scene: _bundle(scene.stranger),
    ("/bundle", "GET", 403): lambda scene: _bundle(scene.desk),
    ("/bundle", "GET", 422): lambda scene: _get("/bundle?links=many")(scene.lead),
    ("/changes", "POST", 200): lambda scene: _changes(
        scene.lead, json={"changes": scene.draft.changes, "visits": {scene.draft.visit: 0}}
    ),
    ("/changes", "POST", 400): lambda scene: _changes(scene.lead, token="stale"),
    ("/changes", "POST", 401): lambda scene: _changes(scene.stranger),
    ("/changes", "POST", 403): lambda scene: _changes(scene.desk),
    ("/changes", "POST", 413): lambda scene: _changes(
        scene.lead, json=None, data=_HUGE, content_type="application/json"
    ),
    ("/changes", "POST", 415): lambda scene: _changes(scene.lead, json=None, data="words"),
    ("/changes", "POST", 422): lambda scene: _changes(scene.lead, json={"changes": ["nonsense"]}),
    (_ALL, "GET", 200): lambda scene: _pieces(scene.lead),
    (_ALL, "GET", 401): lambda scene: _pieces(scene.stranger),
    (_ALL, "GET", 403): lambda scene: _pieces(scene.desk),
    (_ALL, "GET", 404): lambda scene: _get(f"/photos/{'0' * 64}/pieces")(scene.lead),
    (_ONE, "PUT", 200): lambda scene: _piece(scene.lead),
    (_ONE, "PUT", 400): lambda scene: _piece(scene.lead, token="stale"),
    (_ONE, "PUT", 401): lambda scene: _piece(scene.stranger),
    (_ONE, "PUT", 403): lambda scene: _piece(scene.desk),
    (_ONE, "PUT", 404): lambda scene: _piece(scene.lead, sha256="0" * 64),
    (_ONE, "PUT", 413): lambda scene: _piece(scene.lead, b" " * (PIECE_BYTES + 1)),
    (_ONE, "PUT", 415): lambda scene: _piece(scene.lead, kind="text/plain"),
    (_ONE, "PUT", 422): lambda scene: _piece(scene.lead, b"short"),
    ("/photos/{sha256}", "GET", 200): lambda scene: _picture(scene.signed().lead),
    ("/photos/{sha256}", "GET", 401): lambda scene: _picture(scene.stranger),
    ("/photos/{sha256}", "GET", 403): lambda scene: _picture(scene.desk),
    ("/photos/{sha256}", "GET", 404): lambda scene: _picture(scene.lead),
    (_DOCUMENT, "GET", 200): lambda scene: _document(scene.signed(), scene.lead, "record"),
    (_DOCUMENT, "GET", 401): lambda scene: _document(scene, scene.stranger),
    (_DOCUMENT, "GET", 403): lambda scene: _document(scene, scene.desk),
    (_DOCUMENT, "GET", 404): lambda scene: _document(scene, scene.lead, visit="some-other-visit"),
    (_DOCUMENT, "GET", 409): lambda scene: _document(scene, scene.lead, "record"),
}


def _documented() -> set[tuple[str, str, int]]:
    return {
        (path, method.upper(), int(status))
        for path, operations in SCHEMA.raw_schema["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
        for status in operation["responses"]
    }


def test_the_description_is_valid_and_names_exactly_the_calls_that_there_are(application: Flask) -> None:
    SCHEMA.validate()
    served = {
        (rule.rule.removeprefix("/api/v1").replace("<int(max=9999):number>", "{number}"), method)
        for rule in application.url_map.iter_rules()
        if rule.endpoint.startswith("sync.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    named = {(path.replace("{", "<").replace("}", ">"), method) for path, method, _ in _documented()}
    assert {(path.replace("{number}", "<number>"), method) for path, method in served} == named


def test_every_documented_answer_has_a_case_here() -> None:
    assert set(CASES) == _documented()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[1]} {case[0]} {case[2]}")
def test_every_documented_answer_is_given_in_its_documented_form(
    scene: Scene, case: tuple[str, str, int]
) -> None:
    path, method, status = case
    answer = CASES[case](scene)
    assert answer.status_code == status, answer.text[:300]
    SCHEMA[path][method].validate_response(schemathesis.Response.from_any(answer))
    assert answer.headers["X-HHB-Epoch"]
    if status >= 400:
        assert answer.json is not None
        assert answer.json["error"].endswith("。")


def _open_schema(application: Flask) -> Any:
    """The description without its sessions: every generated call carries a real one."""
    raw = copy.deepcopy(SCHEMA.raw_schema)
    raw["security"] = []
    for operations in raw["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = application
    return schema


_OPERATIONS = [(path, method) for path, method in sorted({case[:2] for case in CASES})]


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_whatever_is_sent_the_answer_is_a_documented_one(
    application: Flask, lead: TabletClient, path: str, method: str, mode: GenerationMode
) -> None:
    operation = _open_schema(application)[path][method]
    # Signing in again and again is limited, which is a documented answer too.
    checks = [*_CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else _CHECKS

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode) if _may_be(operation, mode) else st.none())
    def send(case: Any) -> None:
        if case is not None:
            headers = {"X-CSRFToken": lead.token}
            case.call_and_validate(headers=headers, cookies=dict(lead.kept().cookies), checks=checks)

    send()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_KEYS = (
    "visit", "certificates", "notice", "item/2.3", "problems", "register/closed", "guests", "exam",
    "obstruction", "location", "decision", "orders", "told", "signature/operator", "link", "signed",
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(key=st.sampled_from(_KEYS), value=_JSON)
def test_no_value_of_any_field_breaks_the_server(scene: Scene, key: str, value: object) -> None:
    change = scene.draft.say(key, value)
    answer = scene.lead.post({"changes": [change]})
    assert answer.status_code == 200
    assert answer.json is not None
    named = [row["id"] for row in (*answer.json["receipts"], *answer.json["refusals"])]
    assert named == [change["id"]]
    SCHEMA["/changes"]["POST"].validate_response(schemathesis.Response.from_any(answer))


def _may_be(operation: Any, mode: GenerationMode) -> bool:
    """A call without any parameter can only be sent as it is."""
    has_input = any(operation.iter_parameters()) or bool(operation.body)
    return mode is GenerationMode.POSITIVE or has_input
