"""Promises of the tablet's shell: whole, small, without a build step, no word the authority never says."""

import gzip
import hashlib
import json
import re
import tomllib
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from flask.testing import FlaskClient

from app import create_app
from inspections.record.configuration import PACKAGE_ROOT, Configuration
from inspections.surface.assets import STATIC_FOLDER

LARGEST_SHELL = 150 * 1024
_IMPORT = re.compile(
    r"""(?:^|\s)(?:import|export)\s[^'";]*?from\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)"""
)


@pytest.fixture
def client(data_directory: Path) -> FlaskClient:
    """A visitor who has not signed in."""
    return create_app(Configuration(data=data_directory)).test_client()


def _listed(client: FlaskClient) -> dict[str, str]:
    """The files that the service worker keeps, with the beginning of their hashes."""
    text = client.get("/tablet/worker.js").text
    found = re.match(r"const SHELL = (.*);\n", text)
    assert found is not None
    files: dict[str, str] = json.loads(found.group(1))["files"]
    return files


def test_the_worker_names_every_file_of_the_application_with_the_hash_of_what_is_served(
    client: FlaskClient,
) -> None:
    files = _listed(client)
    for address, beginning in files.items():
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert hashlib.sha256(answer.data).hexdigest().startswith(beginning), address
    asked = set(re.findall(r"""(?:href|src)="(/static/[^"]+)\"""", client.get("/tablet").text))
    assert asked <= files.keys()
    assert "/tablet" in files


def test_every_import_of_a_module_is_a_file_that_the_worker_keeps(client: FlaskClient) -> None:
    files = _listed(client)
    for path in sorted((STATIC_FOLDER / "tablet").rglob("*.js")):
        for statement, called in _IMPORT.findall(path.read_text(encoding="utf-8")):
            name = statement or called
            assert name.startswith("."), f"{path.name} imports {name} by a bare name"
            target = (path.parent / name).resolve().relative_to(STATIC_FOLDER).as_posix()
            assert f"/static/{target}" in files, f"{path.name} imports {name}, which is not there"


def test_the_whole_shell_is_small_on_the_wire(client: FlaskClient) -> None:
    # As the tablets' browsers ask over HTTPS, which the application needs.
    packed = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    answers = {address: client.get(address, headers=packed) for address in _listed(client)}
    sizes = {address: len(answer.data) for address, answer in answers.items()}
    assert sum(sizes.values()) <= LARGEST_SHELL, sorted(sizes.items(), key=lambda row: -row[1])[:10]
    script = answers["/static/tablet/main.js"]
    assert script.headers["Content-Encoding"] == "br"
    plain = client.get("/static/tablet/main.js")
    assert "Content-Encoding" not in plain.headers
    assert brotli.decompress(script.data) == plain.data
    older = client.get("/static/tablet/main.js", headers={"Accept-Encoding": "gzip, br;q=0"})
    assert older.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(older.data) == plain.data
    assert len({answer.headers["ETag"] for answer in (script, plain, older)}) == 3
    again = client.get("/static/tablet/main.js", headers={**packed, "If-None-Match": script.headers["ETag"]})
    assert again.status_code == 304


def test_the_page_holds_no_data_and_no_script_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/tablet")
    assert "Set-Cookie" not in answer.headers
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", answer.text)
    assert client.get("/tablet/").headers["Location"] == "/tablet"


def test_the_worker_may_keep_the_page_above_its_own_folder(client: FlaskClient) -> None:
    answer = client.get("/tablet/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/tablet"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_application_can_be_installed(client: FlaskClient) -> None:
    manifest = client.get("/tablet/manifest.webmanifest").get_json(force=True)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/tablet",
        "/tablet",
        "standalone",
    )
    for icon in manifest["icons"]:
        picture = client.get(icon["src"])
        assert picture.data.startswith(b"\x89PNG"), icon


def test_another_byte_anywhere_is_another_version(client: FlaskClient) -> None:
    version = re.search(r'data-version="([0-9a-f]{12})"', client.get("/tablet").text)
    assert version is not None
    assert f'"version": "{version.group(1)}"' in client.get("/tablet/worker.js").text


def test_scripts_of_others_are_the_files_that_the_manifest_names() -> None:
    folder = STATIC_FOLDER / "vendor"
    listed = tomllib.loads((folder / "MANIFEST.toml").read_text(encoding="utf-8"))["script"]
    for row in listed:
        assert hashlib.sha256((folder / row["file"]).read_bytes()).hexdigest() == row["sha256"], row["file"]
        assert (folder / row["licence_file"]).exists()
        assert all(row[part] for part in ("name", "version", "licence", "source")), row
    known = {row["file"] for row in listed} | {row["licence_file"] for row in listed} | {"MANIFEST.toml"}
    assert {path.name for path in folder.iterdir()} == known


def test_no_screen_or_paper_uses_words_the_authority_never_uses() -> None:
    words = PACKAGE_ROOT / "seeds" / "publication" / "words.toml"
    never = tomllib.loads(words.read_text(encoding="utf-8"))["never"]
    for path in sorted((STATIC_FOLDER / "tablet").rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert [word for word in never if word in text] == [], path.name


def test_no_chinese_sentence_is_broken_where_a_space_would_show() -> None:
    broken = re.compile(r"[\u3000-\u9fff\uff00-\uffef][ \t]*\n[ \t]*[\u3000-\u9fff\uff00-\uffef]")
    for path in sorted((STATIC_FOLDER / "tablet").rglob("*.js")):
        assert broken.findall(path.read_text(encoding="utf-8")) == [], path.name


def test_no_module_tracks_anybody_or_calls_another_host() -> None:
    for path in sorted((STATIC_FOLDER / "tablet").rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert "watchPosition" not in text, path.name
        assert not re.search(r"['\"`]https?://", text), path.name
        assert "eval(" not in text, path.name
