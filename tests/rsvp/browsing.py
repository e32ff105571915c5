"""A guest's browser, without a browser: the link opened, the form sent."""

from copy import copy
from typing import Self

from werkzeug.test import TestResponse

from app.tokens import Claim
from tests.desk import text_of
from tests.factories import make_invitation


class GuestsBrowser:
    """A browser that opened one guest's link."""

    def __init__(self, app, invitation) -> None:
        signers = app.extensions["couvert"].signers
        self.app = app
        self.client = app.test_client()
        token = signers.rsvp.sign(Claim(invitation.public_id, invitation.link_version))
        self.address = f"/rsvp/{token}"

    def forwarded(self) -> Self:
        """The same link in another browser."""
        other = copy(self)
        other.client = self.app.test_client()
        return other

    def get(self, rest: str = "") -> TestResponse:
        return self.client.get(self.address + rest)

    def text(self, rest: str = "") -> str:
        response = self.get(rest)
        assert response.status_code == 200
        return text_of(response)

    def post(self, rest: str = "", headers: dict[str, str] | None = None, **fields) -> TestResponse:
        return self.client.post(self.address + rest, data=fields, headers=headers)

    def press(self, answer: str, **fields: object) -> TestResponse:
        """Press one of the two buttons that are recorded at once."""
        return self.post("?first=1", answer=answer, **fields)


def invite(session, app, event, **facts) -> GuestsBrowser:
    made = make_invitation(session, event, **facts)
    session.commit()
    return GuestsBrowser(app, made)
