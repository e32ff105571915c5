"""An organiser's browser: signed in, sending each form with a token the pages gave it."""

import re
from datetime import datetime
from typing import Self

from flask import Flask
from werkzeug.test import TestResponse

from app.organisers.models import Organiser
from app.organisers.services import open_session
from app.parts import Parts
from app.web.access import SESSION_KEY
from tests.factories import NOW


class Desk:
    """Pages are asked for below the event's address: `desk.get("guests")`."""

    def __init__(self, app: Flask, slug: str = "summit") -> None:
        self.client = app.test_client()
        self.parts: Parts = app.extensions["couvert"]
        self.base = f"/organiser/{slug}/"

    def sign_in(self, organiser: Organiser, now: datetime = NOW) -> Self:
        with self.parts.sessions.begin() as session:
            key = open_session(session, organiser, now)
        with self.client.session_transaction() as cookie:
            cookie[SESSION_KEY] = key
        return self

    def get(self, path: str = "") -> TestResponse:
        return self.client.get(self._address(path))

    def page(self, path: str = "") -> str:
        """Return a good page's text, its white space folded."""
        response = self.get(path)
        assert response.status_code == 200
        return text_of(response)

    def post(self, path: str, **fields: object) -> TestResponse:
        token = token_in(self.client.get("/sign-in").text)
        return self.client.post(self._address(path), data={"csrf_token": token, **fields})

    def _address(self, path: str) -> str:
        return path if path.startswith("/") else self.base + path


def token_in(page: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


def text_of(response: TestResponse) -> str:
    """Return what a reader reads: no tags, white space folded."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.text).split())
