"""Promises of the bureau's certificates: who trusts its authority trusts its server, under its names only."""

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inspections.people.certificates import CertificateError, MadeCertificates, make_certificates

NOW = datetime.now(UTC)  # the handshake compares with the real clock
HOSTS = ["canyin.local", "127.0.0.1"]


def _make(folder: Path) -> MadeCertificates:
    return make_certificates(folder, HOSTS, organisation="某区市场监督管理局", now=NOW)


def _shakes_hands(made: MadeCertificates, trusted: Path, host: str) -> None:
    """One TLS handshake over a socket pair; raises what the client raises."""
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(made.certificate, made.key)
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            served.wrap_socket(theirs, server_side=True).close()
        except ssl.SSLError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        ssl.create_default_context(cafile=str(trusted)).wrap_socket(ours, server_hostname=host).close()
    finally:
        ours.close()
        thread.join()


@pytest.mark.parametrize("host", HOSTS)
def test_a_client_that_trusts_the_authority_trusts_the_server(tmp_path: Path, host: str) -> None:
    made = _make(tmp_path)
    assert made.new_authority
    _shakes_hands(made, made.authority, host)


def test_another_name_and_another_authority_are_not_trusted(tmp_path: Path) -> None:
    made, other = _make(tmp_path / "ours"), _make(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        _shakes_hands(made, made.authority, "elsewhere.local")
    with pytest.raises(ssl.SSLCertVerificationError):
        _shakes_hands(made, other.authority, "canyin.local")


def test_a_renewal_keeps_the_authority_that_tablets_have_installed(tmp_path: Path) -> None:
    first = _make(tmp_path)
    installed = tmp_path / "installed.crt"
    installed.write_bytes(first.authority.read_bytes())
    again = _make(tmp_path)
    assert not again.new_authority
    _shakes_hands(again, installed, "canyin.local")


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    made = _make(tmp_path)
    for key in (made.key, tmp_path / "authority.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("host", ["", "-bad.local", "a b", "http://canyin", "名字", "a..b"])
def test_what_is_no_name_or_address_is_refused_in_a_sentence(tmp_path: Path, host: str) -> None:
    with pytest.raises(CertificateError, match="域名或 IP"):
        make_certificates(tmp_path, [host], organisation="某局", now=NOW)
    assert not (tmp_path / "server.key").exists()


def test_a_lost_key_of_the_authority_is_named_with_its_cure(tmp_path: Path) -> None:
    _make(tmp_path)
    (tmp_path / "authority.key").unlink()
    with pytest.raises(CertificateError, match=r"authority\.key.*备份"):
        _make(tmp_path)
