"""What the embedded server gives for each address, in which encoding, and with which headers."""

import gzip

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from flask import Flask
from flask.testing import FlaskClient

from inspections.surface.headers import public_headers
from publishing.search.web import search
from publishing.site.styles import style_hashes
from publishing.site.web import site
from tests.conftest import NOW
from tests.publishing.site.town import Town


@pytest.fixture
def client(town: Town) -> FlaskClient:
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(SITE_DIRECTORY=town.site, SEARCH_FILE=town.search_file)
    app.register_blueprint(search)
    app.register_blueprint(site)
    return app.test_client()


@pytest.fixture
def published(client: FlaskClient, town: Town) -> FlaskClient:
    town.publish(NOW)
    return client


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1, br;q=0", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("", None),
        ("br;q=0, gzip;q=0", None),
    ],
)
def test_a_page_comes_in_the_encoding_that_the_reader_takes(
    published: FlaskClient, town: Town, accepts: str, encoding: str | None
) -> None:
    address = f"/s/{town.codes['tea']}/"
    answer = published.get(address, headers={"Accept-Encoding": accepts})
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert unpack(answer.data).decode() == town.storefront("tea")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "address", ["/", "/editions/", "/rules/", "/about/", "/robots.txt", "/publication.json"]
)
def test_every_root_page_is_served_with_the_whole_header_set(published: FlaskClient, address: str) -> None:
    answer = published.get(address)
    assert answer.status_code == 200
    for name, value in public_headers(style_hashes()).items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("address", ["/nowhere/", "/s/ABCD/", "/search?q=x"])
def test_pages_that_are_no_files_have_the_same_headers(published: FlaskClient, address: str) -> None:
    answer = published.get(address)
    for name, value in public_headers(style_hashes()).items():
        assert answer.headers[name] == value


def test_a_page_that_has_not_changed_is_not_sent_again(published: FlaskClient, town: Town) -> None:
    address = f"/s/{town.codes['tea']}/"
    first = published.get(address)
    by_tag = published.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (by_tag.status_code, by_tag.data) == (304, b"")
    packed = {"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    assert published.get(address, headers=packed).status_code == 200


def test_a_page_is_never_kept_by_its_time_which_is_too_coarse(published: FlaskClient) -> None:
    """Within one second a page may be written twice, the second time without a withdrawn name."""
    answer = published.get("/", headers={"If-Modified-Since": "Fri, 01 Jan 2038 00:00:00 GMT"})
    assert answer.status_code == 200
    assert "Last-Modified" not in answer.headers


def test_a_page_that_changed_is_sent_again(published: FlaskClient, town: Town) -> None:
    address = f"/s/{town.codes['tea']}/"
    tag = published.get(address).headers["ETag"]
    town.publish(NOW, full=True)
    assert published.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_head_has_the_headers_and_no_body(published: FlaskClient) -> None:
    answer = published.head("/")
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options", "trace"])
def test_nothing_can_be_written(published: FlaskClient, method: str) -> None:
    assert getattr(published, method)("/").status_code == 405
    assert getattr(published, method)("/search").status_code == 405


def test_a_code_typed_otherwise_leads_to_its_page(published: FlaskClient, town: Town) -> None:
    code = town.codes["tea"]
    for typed in (code.lower(), code.replace("-", ""), f" {code} ", code):
        answer = published.get(f"/s/{typed}")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"/s/{code}/")


def test_a_mistyped_code_is_answered_with_the_one_it_may_mean(published: FlaskClient, town: Town) -> None:
    code = town.codes["tea"]
    wrong = code[:-1] + ("A" if code[-1] != "A" else "C")
    answer = published.get(f"/s/{wrong}/")
    assert answer.status_code == 404
    assert f"/s/{code}/" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "%00", "..", "x" * 500, "门店", "%2e%2e%2fsearch"]
)
def test_any_other_code_gets_a_page_and_never_an_error(published: FlaskClient, typed: str) -> None:
    answer = published.get(f"/s/{typed}/")
    assert answer.status_code in (404, 308)
    assert "<script>alert" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        "/../honghei.sqlite",
        "/..%2fhonghei.sqlite",
        "/%2e%2e/search/site.sqlite",
        "/../search/site.sqlite.txt",
        "/.hidden.txt",
        "/s/",
        "/index.html.br",
        "/nowhere.html",
        "/editions/2099-01/",
        "/%00.txt",
        "//",
        "/editions//",
        "/404.html",
        "/index.html",
        f"/{'长' * 300}",
        f"/{'x' * 300}.html",
        f"/{'x' * 300}/",
        f"/{'x/' * 1500}",
    ],
)
def test_nothing_outside_the_published_pages_can_be_read(
    published: FlaskClient, town: Town, path: str
) -> None:
    (town.site / ".hidden.txt").write_text("hidden")
    answer = published.get(path)
    assert answer.status_code in (404, 308)
    assert b"hidden" not in answer.data
    assert b"SQLite format" not in answer.data


def test_a_folder_without_its_slash_leads_to_the_page(published: FlaskClient) -> None:
    answer = published.get("/rules")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/rules/")


@pytest.mark.parametrize("address", ["/", "/s/7K3M-92QF/", "/search", "/nowhere/"])
def test_before_the_first_publication_every_address_says_so(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 503
    assert "还没有发布" in answer.get_data(as_text=True)


def test_a_storefront_code_typed_into_the_search_leads_to_its_page(
    published: FlaskClient, town: Town
) -> None:
    code = town.codes["tea"]
    for typed in (code, code.lower().replace("-", ""), f" {code} ", f"https://canyin.example.cn/s/{code}/"):
        answer = published.get("/search", query_string={"q": typed})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/{code}/")
        assert "Content-Security-Policy" in answer.headers
    nobody = published.get("/search?q=2222-2222")
    assert nobody.status_code == 200
    assert "没有找到" in nobody.get_data(as_text=True)


def test_search_is_a_page_for_any_address(published: FlaskClient) -> None:
    for query in ("", "?q=饺子", "?q=%F0%9F&page=-1&list=x&street=", "?q=没有这家", "?q=" + "长" * 3000):
        answer = published.get(f"/search{query}")
        assert answer.status_code == 200
    assert "福满源饺子馆" in published.get("/search?q=饺子").get_data(as_text=True)
