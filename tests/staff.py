"""A member of the staff at a real browser's place: signs in through the form, keeps cookie and token."""

import re
from collections.abc import Mapping

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class StaffClient:
    """A client of the desk that sends the form's token as a browser would."""

    def __init__(self, application: Flask) -> None:
        self.client: FlaskClient = application.test_client()
        self.token = ""

    def get(self, address: str, status: int = 200) -> str:
        """A page; remembers its form token."""
        answer = self.client.get(address)
        assert answer.status_code == status, (address, answer.status_code, answer.text[:400])
        found = _TOKEN.search(answer.text)
        self.token = found.group(1) if found else self.token
        return answer.text

    def post(self, address: str, fields: Mapping[str, object] | None = None) -> TestResponse:
        """Send a form with the token of the last page."""
        return self.client.post(address, data={"csrf_token": self.token, **(fields or {})})

    def act(self, address: str, fields: Mapping[str, object] | None = None) -> str:
        """Send a form and follow where it leads; the text of the page that says what happened.

        A refused form comes back at once, with what was typed.
        """
        answer = self.post(address, fields)
        if answer.status_code == 422:
            found = _TOKEN.search(answer.text)
            self.token = found.group(1) if found else self.token
            return answer.text
        assert answer.status_code == 303, (address, answer.status_code, answer.text[:400])
        return self.get(answer.headers["Location"])

    def act_get(self, address: str) -> str:
        """Follow an address that leads on to another page."""
        answer = self.client.get(address)
        assert answer.status_code == 303, (address, answer.status_code, answer.text[:400])
        return self.get(answer.headers["Location"])

    def sign_in(self, name: str, password: str, **fields: object) -> TestResponse:
        """Sign in through the form."""
        self.get("/desk/sign-in")
        return self.post("/desk/sign-in", {"name": name, "password": password, **fields})


def signed_in(application: Flask, name: str, password: str) -> StaffClient:
    """Somebody who has signed in at the desk."""
    client = StaffClient(application)
    answer = client.sign_in(name, password)
    assert answer.status_code == 303, answer.text[:400]
    return client
