"""Closed by default: an endpoint that has no row in the access policy answers 403."""

from collections.abc import Mapping
from enum import StrEnum

from flask import Flask, abort, request


class Audience(StrEnum):
    """Who may call an endpoint."""

    ANYONE = "anyone"


def close_by_default(app: Flask, policy: Mapping[str, Audience]) -> None:
    """Refuse every endpoint without a row; `policy` maps endpoint names to audiences."""

    @app.before_request
    def refuse_unlisted() -> None:
        if request.endpoint is not None and request.endpoint not in policy:
            abort(403)
