"""Rules that hold everywhere, proved by walking everything: routes, files, seeds, documents, commands."""

import ast
import dataclasses
import inspect
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from inspections.people.access import ACCESS_POLICY, NAVIGATION
from inspections.people.audit_words import EVENT_WORDS
from inspections.people.tables import Role
from inspections.record.configuration import PACKAGE_ROOT, Configuration
from inspections.surface.headers import public_headers
from publishing import public_facts
from tests.house.command_reference import REFERENCE, commands, reference

_TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".html",
    ".css",
    ".js",
    ".sh",
    ".typ",
    ".json",
    ".lock",
    ".cfg",
}
_LONGEST_MODULE = 400


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PACKAGE_ROOT,
        capture_output=True,
        check=True,
    )
    return [PACKAGE_ROOT / name for name in listed.stdout.decode().split("\0") if name]


def _texts() -> Iterator[tuple[Path, str]]:
    for path in _tracked():
        if path.suffix in _TEXT_SUFFIXES and path.is_file() and "vendor" not in path.parts:
            yield path.relative_to(PACKAGE_ROOT), path.read_text(encoding="utf-8")


def _modules() -> Iterator[tuple[Path, str]]:
    return ((path, text) for path, text in _texts() if path.suffix == ".py")


@pytest.fixture
def site_app(tmp_path: Path) -> Flask:
    """The application on an empty data directory."""
    return create_app(Configuration(data=tmp_path))


@pytest.fixture
def public_app(tmp_path: Path) -> Flask:
    """The public surface alone, as its own process serves it."""
    return create_app(Configuration(data=tmp_path, surface="public"))


@pytest.fixture
def staff_client(data_directory: Path) -> FlaskClient:
    """A visitor of the staff's surfaces on a migrated, empty database, not signed in."""
    return create_app(Configuration(data=data_directory)).test_client()


def test_every_endpoint_has_a_row_in_the_access_policy_and_every_row_an_endpoint(site_app: Flask) -> None:
    endpoints = {rule.endpoint for rule in site_app.url_map.iter_rules()}
    assert endpoints == set(ACCESS_POLICY)


def test_an_endpoint_without_a_row_answers_403(site_app: Flask) -> None:
    site_app.add_url_rule("/unlisted", endpoint="unlisted", view_func=lambda: "open")
    answer = site_app.test_client().get("/unlisted")
    assert answer.status_code == 403
    assert "open" not in answer.text


def test_the_public_surface_takes_nothing_but_reading(public_app: Flask) -> None:
    methods = {method for rule in public_app.url_map.iter_rules() for method in rule.methods or set()}
    assert methods <= {"GET", "HEAD", "OPTIONS"}
    assert public_app.test_client().post("/").status_code == 405
    assert "house" not in public_app.extensions, "the public surface can reach the operational database"


def _addresses(application: Flask) -> Iterator[tuple[str, str, str]]:
    """Every endpoint with a method and an address that its rule matches."""
    samples = {"int": "1", "default": "x", "path": "x", "uuid": "00000000-0000-0000-0000-000000000000"}
    for rule in application.url_map.iter_rules():
        address = re.sub(
            r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>",
            lambda found: samples.get(found.group(1) or "default", "1"),
            rule.rule,
        )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def test_nobody_who_is_not_signed_in_reaches_a_page_of_the_staff(staff_client: FlaskClient) -> None:
    for endpoint, method, address in _addresses(staff_client.application):
        if ACCESS_POLICY[endpoint].is_public:
            continue
        answer = staff_client.open(address, method=method, base_url="http://localhost")
        if method == "GET" and not address.startswith("/api/"):
            assert answer.status_code == 303, (endpoint, answer.status_code)
            assert "/desk/sign-in" in answer.headers["Location"]
        else:
            # A form without its token is refused before anybody asks who sent it.
            assert answer.status_code in {400, 401, 403}, (endpoint, method, answer.status_code)


def test_auditors_may_look_and_change_nothing() -> None:
    auditor = Role.AUDITOR.value
    for endpoint, access in ACCESS_POLICY.items():
        # Everybody, auditors too, has an own account with its password and sessions.
        if not access.is_public and not endpoint.startswith("people."):
            assert auditor not in access.roles, f"an auditor could change something through {endpoint}"


def test_every_page_in_the_navigation_is_a_page_of_the_policy() -> None:
    for endpoint, label in NAVIGATION:
        assert endpoint in ACCESS_POLICY, endpoint
        assert label


def test_no_route_sets_a_cookie_or_shows_a_stack_trace(site_app: Flask) -> None:
    client = site_app.test_client()
    for address in (
        "/",
        "/search?q=%00&page=-1",
        "/s/%2e%2e/",
        "/s/0000-0000/",
        "/../app.py",
        "/.git/config",
    ):
        answer = client.get(address)
        assert "Set-Cookie" not in answer.headers
        assert "Traceback" not in answer.text
        assert answer.status_code in {404, 503}, address


def test_every_public_answer_carries_the_whole_header_set(site_app: Flask) -> None:
    assert public_headers(["sha256-X"], https=True) == {
        "Content-Security-Policy": "default-src 'none';style-src 'sha256-X';img-src 'self' data:;"
        "form-action 'self';base-uri 'none';frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), "
        "geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-cache",
        "Strict-Transport-Security": "max-age=31536000",
    }
    client = site_app.test_client()
    for answer in (client.get("/"), client.get("/search"), client.post("/"), client.get("/nowhere")):
        for name in public_headers([]):
            assert name in answer.headers, (answer.request.path, name)


def test_every_field_that_may_be_published_says_what_it_means() -> None:
    classes = [
        found
        for _, found in inspect.getmembers(public_facts, inspect.isclass)
        if dataclasses.is_dataclass(found) and found.__module__.startswith(public_facts.__name__)
    ]
    assert len(classes) > 10
    for found in classes:
        for field in dataclasses.fields(found):
            assert field.metadata.get("help"), f"{found.__name__}.{field.name} has no help text"


def test_every_module_says_what_it_is_for_and_stays_short() -> None:
    for path, text in _modules():
        if "versions" in path.parts or not text.strip():
            continue
        assert ast.get_docstring(ast.parse(text)), f"{path} has no docstring"
        if path.parts[0] != "tests":
            assert text.count("\n") <= _LONGEST_MODULE, f"{path} has over {_LONGEST_MODULE} lines: split it"


def test_no_module_is_a_drawer_for_everything() -> None:
    banned = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert not [path for path, _ in _modules() if {path.stem, *path.parent.parts} & banned]


def test_the_repository_speaks_of_the_product_alone() -> None:
    banned = re.compile(
        r"TODO|FIXME|raise NotImplementedError|pragma: no cover|mark\.(skip|xfail)|/work/|/tmp/notes|"
        r"pypi\.org|npmjs|pythonhosted|deb\.debian"
    )
    here = Path(__file__).relative_to(PACKAGE_ROOT)
    found = [
        f"{path}:{number}: {line.strip()[:80]}"
        for path, text in _texts()
        if path != here
        for number, line in enumerate(text.splitlines(), start=1)
        if banned.search(line)
    ]
    assert found == []


def test_no_public_text_uses_words_the_authority_never_uses() -> None:
    never = tomllib.loads((PACKAGE_ROOT / "seeds/publication/words.toml").read_text(encoding="utf-8"))[
        "never"
    ]
    shown = [
        (path, text)
        for path, text in _texts()
        if path.parts[0] == "templates" or path.match("publishing/site/labels.py")
    ]
    assert shown
    assert [(path, word) for path, text in shown for word in never if word in text] == []


def test_no_template_holds_a_script_or_an_inline_style() -> None:
    templates = [(path, text) for path, text in _texts() if path.suffix == ".html"]
    assert templates
    for path, text in templates:
        is_public = {"public", "components"} & set(path.parts) or path.name != "desk.html"
        if is_public and "desk" not in path.parts and "tablet" not in path.parts:
            # A draw's page alone has scripts: one recomputes its certificate, one tells that it is overdue.
            scripts = re.findall(r"<script[^>]*>", text)
            is_draw = path.name == "draw.html" and "public" in path.parts
            allowed = [f'<script type="module" src="/draws/{name}.mjs">' for name in ("verify", "overdue")]
            assert scripts == (allowed if is_draw else []), path
        # Pages of the staff name their scripts; they hold none.
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path
        assert not re.search(r"\sstyle=|\son[a-z]+=", text), path


def test_no_page_and_no_plate_carries_a_picture_that_could_be_an_emblem() -> None:
    for path, text in _texts():
        if path.is_relative_to("templates/public") or path.is_relative_to("templates/components"):
            assert not re.search(r"<img|<picture|<object", text), path
        if path.is_relative_to("static/css"):
            assert not re.search(r"url\(|image\(", text), path
        if path.is_relative_to("templates/plates"):
            # The one picture of a plate is its QR code.
            assert re.findall(r"image\(([^,]+),", text) == ["bytes(q.svg)"], path


def test_every_template_is_used() -> None:
    everything = "\n".join(text for path, text in _texts() if path.suffix in {".py", ".html", ".typ"})
    for path, _ in _texts():
        if path.parts[0] == "templates":
            named = path.name in everything or f'"{path.stem}"' in everything
            assert named, f"{path} is rendered by nobody"


def test_the_lock_files_pin_every_library_by_hash_and_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (PACKAGE_ROOT / name).read_text(encoding="utf-8")
        pinned = re.findall(r"^([a-z0-9._-]+)==", text, re.MULTILINE)
        assert len(pinned) > 20
        assert "://" not in text
        for block in re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]:
            assert "--hash=sha256:" in block, block.split("\n")[0]


def test_every_library_of_the_run_time_is_a_decision() -> None:
    project = tomllib.loads((PACKAGE_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    decisions = (PACKAGE_ROOT / "DECISIONS.md").read_text(encoding="utf-8").lower()
    for requirement in project["dependencies"]:
        name = re.split(r"[\[~=<>]", requirement)[0]
        assert name.replace("python-", "") in decisions, f"DECISIONS.md does not say why we use {name}"


def test_the_command_reference_is_what_the_program_says() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), "run `make docs`"


def test_every_command_says_what_it_does() -> None:
    for name, command in commands():
        assert command.help, f"`{name}` has no help"


# Commands that ask for no account, each because it decides nothing.
_DECIDE_NOTHING = {
    "init": "before it there is no account",
    "migrate": "the form of the database, not what is in it",
    "seed demo": "into an empty directory",
    "seed synthetic": "into an empty directory",
    "template units": "writes an empty form",
    "template visits": "writes an empty form",
    "grade": "computes what released visits and the rules in force give",
    "publish": "writes what others have approved and released",
    "verify": "looks",
    "health": "looks",
    "jobs list": "looks",
    "jobs run": "what the schedule does by itself",
    "scheduler": "what the schedule does by itself",
    "serve": "what the schedule does by itself",
    "people list": "looks",
    "settings show": "looks",
    "units proposals": "looks",
    "visits batches": "looks",
    "visits show": "looks",
    "edition list": "looks",
    "edition show": "looks",
    "rulebook check": "looks",
    "plates list": "looks",
    "plates check": "looks",
    "rulebook missing": "looks",
    "rulebook show": "looks",
    "rulebook diff": "looks",
    "rulebook try": "looks",
    "rulebook preview": "looks",
    "draw list": "looks",
    "draw verify": "looks",
    "draw committee": "recomputes what dice said",
    "plan show": "looks",
    "plan export": "writes what was decided in the city's columns",
    "visits compare": "looks",
    "certificate make": "on the server's own console, before anybody can sign in",
    "backup": "copies what is there",
    "restore": "into an empty directory, where no account is yet",
}


def test_every_command_that_decides_something_asks_who_decides() -> None:
    asks = {}
    for name, command in commands():
        if not isinstance(command, click.Group):
            options = {option for parameter in command.params for option in parameter.opts}
            asks[name] = {"--account", "--password-file"} <= options
    assert {name for name, does in asks.items() if not does} == set(_DECIDE_NOTHING)


def test_every_relative_link_of_the_documents_leads_somewhere() -> None:
    for path, text in _texts():
        if path.suffix == ".md":
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
                place = (PACKAGE_ROOT / path).parent / target
                assert place.exists(), f"{path} links to {target}, which is not there"


def test_ci_runs_make_test_and_nothing_else() -> None:
    lines = (PACKAGE_ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    acts = [line for line in lines if line and not line.startswith("#")]
    assert acts == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]


def test_measured_results_say_met_or_missed_and_why() -> None:
    path = PACKAGE_ROOT / "bench" / "results.json"
    figures = [figure for group in json.loads(path.read_text(encoding="utf-8")).values() for figure in group]
    assert figures
    for figure in figures:
        assert figure["met"] in (True, False, None), figure["name"]
        if figure["met"] is False:
            assert figure.get("note"), f"{figure['name']} missed its goal without a word"


def test_every_act_of_the_audit_chain_has_a_name_that_people_read() -> None:
    declared = re.compile(r"declare_event\(\s*\"([a-z_]+)\"")
    events = {
        name for path, text in _modules() if path.parts[0] != "tests" for name in declared.findall(text)
    }
    assert len(events) > 50
    assert events - set(EVENT_WORDS) == set()
