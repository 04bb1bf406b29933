"""The network address of whoever asks: the last hop that is not one of our own proxies."""

from collections.abc import Collection

from flask import Request


def client_address(request: Request, trusted_proxies: Collection[str]) -> str:
    """The client's address; what a client writes into `X-Forwarded-For` itself is never believed."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = request.remote_addr or ""
    # No address: a Unix socket, which only the proxy on this machine may open.
    while (not address or address in trusted_proxies) and hops:
        address = hops.pop()
    return address
