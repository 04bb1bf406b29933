"""Promises of the network address: the last hop that is no proxy of ours, whatever a client writes."""

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from inspections.surface.client import client_address


def _request(remote: str, forwarded: str | None) -> Request:
    headers = [] if forwarded is None else [("X-Forwarded-For", forwarded)]
    builder = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": remote})
    return Request(builder.get_environ())


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "address"),
    [
        ("203.0.113.7", None, (), "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", (), "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7", ("127.0.0.1",), "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", ("127.0.0.1",), "203.0.113.7"),
        # A Unix socket has no address; whoever may open it is the proxy on this machine.
        ("", "203.0.113.7", (), "203.0.113.7"),
        ("", "198.51.100.1, 203.0.113.7", (), "203.0.113.7"),
        ("", None, (), ""),
    ],
)
def test_the_address_is_what_the_last_trusted_hop_saw(
    remote: str, forwarded: str | None, trusted: tuple[str, ...], address: str
) -> None:
    assert client_address(_request(remote, forwarded), trusted) == address
