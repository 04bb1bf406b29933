"""Promises of nginx's blocks: every address is answered as by the program, nobody's address is kept."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app import LARGEST_REQUEST
from deploy.choices import ChoiceError, read_choices
from deploy.nginx_blocks import LARGEST_REQUEST as LARGEST_AT_NGINX
from deploy.nginx_blocks import Places, blocks, main
from inspections.surface.headers import public_headers, staff_headers
from publishing.site.styles import style_hashes
from tests.deploy.conftest import Served
from tests.deploy.front import CHOICES, INSIDE_NAME, PUBLIC_NAME, Answer

pytestmark = pytest.mark.packages

# Of the server itself, of one moment, or of how the bytes travel.
_OWN = {"server", "date", "etag", "connection", "transfer-encoding", "content-length", "last-modified"}
ENCODINGS = ["br, gzip", "gzip", "identity", "br;q=0, gzip;q=1.0"]
ADDRESSES = [
    "/",
    "/s/{tea}/",
    "/s/{tea}",
    "/s/{lower}/",
    "/s/0000-0000/",
    "/editions/",
    "/editions",
    "/rules/",
    "/robots.txt",
    "/publication.json",
    "/draws/verify.mjs",
    "/draws/",
    "/search?q=%E9%9D%A2",
    "/search?q={tea}",
    "/nowhere",
    "/nowhere/",
    "/index.html",
    "/404.html",
    "/s/{tea}/index.html",
    "/s/{tea}/index.html.br",
    "/.git/config",
    "/s//x/",
    "/about//",
    "/in/nominate",
    "/in/u/0123456789abcdef",
    "/static/css/tokens.css",
    "/static/nothing.css",
]


def _direct(served: Served, path: str, method: str, headers: dict[str, str]) -> TestResponse:
    client = served.app.test_client()
    return client.open(path, method=method, headers=headers, base_url=f"https://{PUBLIC_NAME}")


def _kept(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _OWN}


@pytest.mark.parametrize("address", ADDRESSES)
def test_nginx_and_the_program_answer_alike_in_every_encoding(served: Served, address: str) -> None:
    code = served.town.codes["tea"]
    path = address.format(tea=code, lower=code.lower())
    for accepts in ENCODINGS:
        asked = {"Accept-Encoding": accepts, "Accept-Language": "en"}
        told = served.front.ask(path, headers=asked)
        expected = _direct(served, path, "GET", asked)
        assert told.status == expected.status_code, accepts
        assert told.content == expected.data, accepts
        direct = {name.lower(): value for name, value in expected.headers.items()}
        assert _kept(told.headers) == _kept(direct), accepts
        assert "last-modified" not in told.headers


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "DELETE", "PUT"])
@pytest.mark.parametrize("path", ["/", "/robots.txt", "/nowhere", "/search"])
def test_every_method_is_answered_as_the_program_answers_it(served: Served, path: str, method: str) -> None:
    told = served.front.ask(path, method=method, body=b"" if method in {"POST", "PUT"} else None)
    expected = _direct(served, path, method, {})
    assert told.status == expected.status_code
    assert _kept(told.headers) == _kept({name.lower(): value for name, value in expected.headers.items()})


def test_a_page_that_has_not_changed_is_not_sent_again_and_every_encoding_has_its_own_tag(
    served: Served,
) -> None:
    tags = set()
    for accepts in ("br", "gzip", "identity"):
        first = served.front.ask("/", headers={"Accept-Encoding": accepts})
        tag = first.headers["etag"]
        again = served.front.ask("/", headers={"Accept-Encoding": accepts, "If-None-Match": tag})
        assert (again.status, again.content) == (304, b"")
        for name in public_headers(style_hashes(), https=True):
            assert name.lower() in again.headers
        tags.add(tag)
    assert len(tags) == 3
    by_date = served.front.ask("/", headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
    assert by_date.status == 200, "a date must not keep a withdrawn name alive"


def _assert_whole(answer: Answer, expected: dict[str, str]) -> None:
    for name, value in expected.items():
        assert answer.headers[name.lower()] == value, name


def test_what_nginx_says_by_itself_carries_the_whole_header_set(served: Served) -> None:
    public, inside = public_headers(style_hashes(), https=True), staff_headers(https=True)
    too_large = served.front.ask("/", method="POST", headers={"Content-Length": str(2_000_000)})
    assert (too_large.status, too_large.content.decode()) == (413, "内容太大，请分几次提交。\n")
    _assert_whole(too_large, public)
    odd = served.front.ask("/%00/")
    assert odd.status == 400
    _assert_whole(odd, public)
    home = served.front.ask("/", name=INSIDE_NAME, address=CHOICES.inside_address)
    assert (home.status, home.headers["location"]) == (303, "/desk/")
    _assert_whole(home, inside)


def test_the_desk_is_reached_under_its_own_name_and_address_alone(served: Served) -> None:
    inside = served.front.ask("/desk/sign-in", name=INSIDE_NAME, address=CHOICES.inside_address)
    assert inside.status == 200
    _assert_whole(inside, staff_headers(https=True))
    for path in ("/desk/sign-in", "/tablet/", "/api/v1/token", "/health"):
        assert served.front.ask(path).status == 404, path


def test_with_the_program_stopped_pages_are_still_there_and_the_rest_is_a_sentence(served: Served) -> None:
    socket = served.front.folder / "sockets" / "public.sock"
    aside = socket.with_suffix(".aside")
    socket.rename(aside)
    try:
        assert served.front.ask("/").status == 200
        closed = served.front.ask("/search?q=x")
    finally:
        aside.rename(socket)
    assert (closed.status, closed.content.decode()) == (503, "现在打不开，请稍后再试。\n")
    assert closed.headers["content-type"] == "text/plain; charset=utf-8"
    _assert_whole(closed, public_headers(style_hashes(), https=True))


def test_no_log_holds_a_whole_address_a_search_or_anything_of_the_inbox(served: Served) -> None:
    served.front.ask("/search?q=secretword")
    served.front.ask("/in/u/0123456789abcdef")
    for name in ("public.log", "error.log", "other.log", "inside.log"):
        text = served.front.log(name)
        assert "secretword" not in text, name
        assert "0123456789abcdef" not in text, name
    assert re.search(r'^127\.0\.0\.0 \[.*\] "GET /search" 200 ', served.front.log("public.log"), re.MULTILINE)


def test_too_many_questions_are_a_sentence_and_pages_are_never_refused(served: Served) -> None:
    answers = [served.front.ask("/in/nominate") for _ in range(80)]
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].content.decode() == "请求太多，请过一分钟再试。\n"
    _assert_whole(refused[0], public_headers(style_hashes(), https=True))
    assert {served.front.ask("/").status for _ in range(80)} == {200}


@pytest.mark.parametrize(
    "path",
    ["/../honghei.sqlite", "/%2e%2e/%2e%2e/etc/passwd", "/s/../../honghei.sqlite", "/s/%2e%2e/%2e%2e/"],
)
def test_no_address_leads_out_of_the_published_folder(served: Served, path: str) -> None:
    answer = served.front.ask(path)
    assert answer.status in {400, 404}
    assert b"SQLite" not in answer.content


def test_the_largest_request_is_the_programs_own() -> None:
    assert f"{LARGEST_REQUEST // 1024**2}m" == LARGEST_AT_NGINX


def test_an_address_that_the_machine_does_not_have_is_refused_before_nginx_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "honghei.conf", tmp_path / "blocks.conf"
    asked = ["--choices", str(file), "--out", str(out), "--here"]
    file.write_text("ROLE=public\nPUBLIC_NAME=x.cn\nPUBLIC_ADDRESS=192.0.2.7\n", encoding="utf-8")
    assert main(asked) == 1
    assert "PUBLIC_ADDRESS=192.0.2.7 不是这台机器的地址" in capsys.readouterr().err
    assert not out.exists()
    file.write_text("ROLE=public\nPUBLIC_NAME=x.cn\nPUBLIC_ADDRESS=127.0.0.1\n", encoding="utf-8")
    assert main(asked) == 0


def test_a_network_with_its_mask_is_written_as_nginx_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "honghei.conf"
    lines = ["ROLE=inside", "PUBLIC_NAME=x.cn", "INSIDE_NAME=10.0.0.1", "INSIDE_ADDRESS=10.0.0.1"]
    lines.append("INSIDE_NETWORKS=10.0.0.0/255.255.255.0,10.1.0.0/16")
    file.write_text("\n".join(lines), encoding="utf-8")
    assert read_choices(file).inside_networks == ("10.0.0.0/24", "10.1.0.0/16")


def test_each_of_two_servers_gets_its_own_blocks_alone() -> None:
    texts = {role: blocks(replace(CHOICES, role=role), Places()) for role in ("public", "inside")}
    for role, has, lacks in (("public", PUBLIC_NAME, INSIDE_NAME), ("inside", INSIDE_NAME, PUBLIC_NAME)):
        assert f"server_name {has};" in texts[role]
        assert f"server_name {lacks};" not in texts[role]
    assert "allow 127.0.0.0/8;\n    deny all;" in texts["inside"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("ROLE=three", "ROLE 是“three”"),
        ("ROLE=one\nPUBLIC_NAME=x.cn\nPUBLIC_ADDRESS=0.0.0.0", "所有地址"),
        ("ROLE=one\nPUBLIC_NAME=x.cn\nPUBLIC_ADDRESS=10.0.0.1\nINSIDE_ADDRESS=10.0.0.1", "工作台会对外打开"),
        ("ROLE=inside\nPUBLIC_NAME=x.cn\nINSIDE_NAME=10.0.0.1\nINSIDE_ADDRESS=10.0.0.1", "INSIDE_NETWORKS"),
        ("ROLE=public\nPUBLIC_NAME=x.cn; evil\nPUBLIC_ADDRESS=10.0.0.1", "值里没有空格"),
        ("ROLE=public\nPUBLIC_NAME=x;y\nPUBLIC_ADDRESS=10.0.0.1", "PUBLIC_NAME 应是"),
        ("COLOUR=red\nROLE=public", "没有这个名称"),
    ],
)
def test_a_choice_that_would_not_work_is_refused_with_its_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: str, says: str
) -> None:
    file, out = tmp_path / "honghei.conf", tmp_path / "blocks.conf"
    file.write_text(f"# 本局的选择\n{lines}\n", encoding="utf-8")
    with pytest.raises(ChoiceError, match=re.escape(says)):
        read_choices(file)
    assert main(["--choices", str(file), "--out", str(out)]) == 1
    assert says in capsys.readouterr().err
    assert not out.exists()
