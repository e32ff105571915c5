"""A guest's calendar from the invitation to the end, read back from a real server at each step."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from http.client import SEE_OTHER
from urllib.parse import urlsplit

import pytest

from tests.calendars.readers import Reading, read_with_ical_js, read_with_icalendar
from tests.faults.browser import Browser
from tests.faults.smtp_server import FaultServer
from tests.product import Product, find_links, wait_until

EVENT = "public-services-summit-2009"
OPENING = "Opening: “Stockholm – A Smart Sustainable City”"
CLOSING = "Closing plenary"
NOTE = ("--note", "en=The hall is needed.", "--note", "sv=Salen behövs.")


@pytest.fixture
def server():
    with FaultServer() as started:
        yield started


@pytest.fixture
def product(tmp_path, server):
    """The sample event, its mail going to a real server."""
    with Product(tmp_path, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(server.port)) as installed:
        installed.run("events", "sample")
        installed.serving = installed.serve()
        yield installed
        assert installed.serving.stop() == 0


class Post:
    """What a guest has been sent, step by step, as the server took it."""

    def __init__(self, server: FaultServer, scripts) -> None:
        self.server, self.scripts = server, scripts
        self.read = 0

    def next(self) -> EmailMessage:
        """Wait for one mail more, and return it."""
        wait_until(lambda: len(self.server.messages) > self.read, "the next mail")
        message = self.server.messages[self.read]
        self.read += 1
        return message_from_bytes(message.content, policy=policy.default)

    def calendars(self, mail: EmailMessage) -> list[Reading]:
        """Return the calendar objects of a mail, each read the same by both readers."""
        contents = [
            part.get_payload(decode=True)
            for part in mail.walk()
            if part.get_content_type() == "text/calendar"
        ]
        readings = [read_with_icalendar(content) for content in contents]
        assert [read_with_ical_js(self.scripts, content) for content in contents] == readings
        return readings


def text_of(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def states(readings: list[Reading]) -> dict[str, tuple[str, int]]:
    """Return method and SEQUENCE by title; each object is about one part."""
    assert {len(reading.entries) for reading in readings} <= {1}
    return {
        reading.entries[0].summary: (reading.method, reading.entries[0].sequence)
        for reading in readings
    }


@pytest.mark.browser
def test_a_guests_calendar_follows_from_the_invitation_to_the_end(product, server, scripts):
    post = Post(server, scripts)
    guest = product.read("guests", "list", EVENT)[0]["email"]

    product.run("invitations", "send", EVENT, "--email", guest)
    invitation = post.next()
    assert post.calendars(invitation) == []
    page = urlsplit(find_links(text_of(invitation), "rsvp")[0]).path

    browser = Browser(product.port)
    assert browser.post(page, answer="accepted", items="opening") == SEE_OTHER
    first = post.calendars(post.next())
    assert states(first) == {OPENING: ("REQUEST", 0)}
    (attendee,) = first[0].entries[0].attendees
    assert (attendee.address, attendee.partstat) == (f"mailto:{guest}", "ACCEPTED")

    product.run("programme", "change", EVENT, "opening", "--venue", "en=City Hall", *NOTE)
    changed = post.next()
    assert "The hall is needed." in text_of(changed)
    moved = post.calendars(changed)
    assert states(moved) == {OPENING: ("REQUEST", 1)}
    assert moved[0].entries[0].uid == first[0].entries[0].uid
    assert moved[0].entries[0].location == "City Hall"

    assert browser.post(page, answer="accepted", items="closing") == SEE_OTHER
    declined = post.calendars(post.next())
    assert states(declined) == {OPENING: ("CANCEL", 2), CLOSING: ("REQUEST", 0)}

    product.run("events", "call-off", EVENT, "--yes", *NOTE)
    off = post.next()
    assert "has been called off" in text_of(off)
    assert states(post.calendars(off)) == {CLOSING: ("CANCEL", 1)}
    assert browser.get(page).count("The hall is needed.") == 1
