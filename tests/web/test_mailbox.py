"""The mailbox of a trial run: each mail as a person would see it, and nowhere but there."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from app import create_app
from app.mail.mailbox import list_mails, store_mail
from tests.desk import text_of
from tests.factories import NOW

HTML = '<html><head></head><body><a href="http://couvert.test/rsvp/x">Answer</a></body></html>'


def make_mail(subject="Invitation: Summit") -> bytes:
    mail = EmailMessage()
    mail["From"] = "City of Stockholm <summit@stockholm.example>"
    mail["To"] = "Zofia <zofia@example.org>"
    mail["Subject"] = subject
    mail.set_content("Dear Dr Strøm-Łęcka")
    mail.add_alternative(HTML, subtype="html")
    mail.add_attachment(b"BEGIN:VCALENDAR", "text", "calendar", filename="summit.ics")
    return mail.as_bytes()


@pytest.fixture
def folder(settings):
    folder = settings.instance_path / "mailbox"
    folder.mkdir()
    return folder


@pytest.fixture
def address(folder):
    return f"/mailbox/{store_mail(folder, make_mail(), received=NOW)}"


def test_mails_are_listed_newest_first(client, folder):
    store_mail(folder, make_mail("Older"), received=NOW)
    store_mail(folder, make_mail("Newer"), received=NOW.replace(hour=10))
    page = client.get("/mailbox").text
    assert page.index("Newer") < page.index("Older")


def test_an_empty_mailbox_says_so(client):
    assert "No mail has come yet." in client.get("/mailbox").text


def test_a_mail_is_shown_with_frame_text_and_attachments(client, address):
    response = client.get(address)
    page = text_of(response)
    assert "zofia@example.org" in page
    assert "Dear Dr Strøm-Łęcka" in page
    assert f'src="{address}/html"' in response.text
    assert "summit.ics (15 bytes)" in page


def test_the_framed_mail_runs_nothing_and_opens_its_links_elsewhere(client, address):
    response = client.get(f"{address}/html")
    policy = response.headers["Content-Security-Policy"]
    assert policy.endswith("sandbox allow-popups allow-popups-to-escape-sandbox")
    assert "default-src 'none'" in policy
    assert '<head><base target="_blank">' in response.text


def test_the_source_is_plain_text(client, address):
    response = client.get(f"{address}/source")
    assert response.mimetype == "text/plain"
    assert response.text.startswith("From: City of Stockholm")


def test_an_attachment_is_downloaded_under_its_name(client, address):
    response = client.get(f"{address}/attachments/0")
    assert response.data.strip() == b"BEGIN:VCALENDAR"
    assert response.headers["Content-Disposition"] == "attachment; filename=summit.ics"


@pytest.mark.parametrize("path", ["/20260101T000000000000Z-00000000", "/..%2fsecret_key", "/x"])
def test_what_is_no_mail_is_not_found(client, folder, path):
    assert client.get(f"/mailbox{path}").status_code == 404


def test_an_attachment_that_is_not_there_is_not_found(client, address):
    assert client.get(f"{address}/attachments/7").status_code == 404


def test_without_local_mail_there_is_no_mailbox(settings, folder, address):
    served = create_app(replace(settings, mail=replace(settings.mail, local=False)))
    answers = [served.test_client().get(path).status_code for path in ("/mailbox", address)]
    served.extensions["couvert"].sessions.kw["bind"].dispose()
    assert answers == [404, 404]
    assert len(list_mails(folder)) == 1


def test_the_mailbox_is_shut_to_what_comes_through_a_proxy(client):
    assert client.get("/mailbox").status_code == 200
    assert client.get("/mailbox", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
