"""The check tells what each server would do to our mail, mends included, and sends nothing."""

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address

import pytest

from app import create_app
from app.config import Settings
from app.mail.check import LOCAL, check_mail
from app.mail.finding import Check, Outcome
from app.parts import Parts
from tests.faults.smtp_server import CERTIFICATE, DROP, SILENT, Fault, FaultServer, Step
from tests.mail.conftest import NOW
from tests.mail.dns_server import NameServer
from tests.mail.test_published import GOOD

LOGIN = {"username": "couvert", "password": "a secret word"}
STEPS = (
    *("Settings", "Server's name", "Connection", "Greeting", "Encryption", "Offers", "Sign-in"),
    *("Sender", "SPF", "DKIM", "DMARC"),
)

Found = dict[str, Check]
CheckMail = Callable[..., Found]


@pytest.fixture
def check(tmp_path) -> CheckMail:
    """Check mail as set, with the tests' DNS."""

    def checked(port: int, *, to: str = "", now: datetime = NOW, **mail: object) -> Found:
        read = Settings.from_environment({"INSTANCE_PATH": str(tmp_path)})
        sender = Address("City of Stockholm", "summit", "stockholm.test")
        given = {"local": False, "server": "127.0.0.1", "sender": sender, "timeout": 5, **mail}
        settings = replace(read, mail=replace(read.mail, port=port, **given))
        parts: Parts = create_app(settings).extensions["couvert"]
        with NameServer(GOOD) as dns:
            found = check_mail(
                settings.mail, parts.mail, None, resolver=dns.resolver(), now=now, recipient=to
            )
            return {done.name: done for done in found}

    return checked


def failures(found: Found) -> dict[str, str]:
    return {done.name: done.found for done in found.values() if done.outcome is Outcome.FAILED}


def test_where_all_is_well_every_step_is_ok_and_nothing_is_sent(check: CheckMail):
    with FaultServer(starttls=True, password=LOGIN["password"]) as server:
        found = check(server.port, use_tls=True, ca_file=str(CERTIFICATE), **LOGIN)
    assert tuple(found) == STEPS
    assert {done.outcome for done in found.values() if done.name != "DKIM"} == {Outcome.OK}
    assert server.steps == [*("EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RSET", "QUIT")]
    assert (server.connections, server.messages) == (1, [])


def test_what_was_found_is_told(check: CheckMail):
    with FaultServer(starttls=True, password=LOGIN["password"]) as server:
        found = check(server.port, use_tls=True, ca_file=str(CERTIFICATE), **LOGIN)
    assert found["Settings"].found == (
        f"127.0.0.1 port {server.port}, STARTTLS, as couvert, from"
        " City of Stockholm <summit@stockholm.test>"
    )
    assert found["Server's name"].found == "127.0.0.1 is at 127.0.0.1"
    assert found["Encryption"].found == (
        "TLSv1.3, certificate verified, good until 2126-10-30 (36521 days)"
    )
    assert found["Offers"].found == (
        "STARTTLS, AUTH PLAIN, SIZE 33554432, SMTPUTF8; not offered: PIPELINING"
    )


def test_local_mode_needs_no_check(check: CheckMail):
    found = check(25, local=True, server="")
    assert found == {"Settings": Check("Settings", Outcome.OK, LOCAL)}


def test_tls_from_the_first_byte_is_checked_too(check: CheckMail):
    with FaultServer(tls=True) as server:
        found = check(server.port, use_ssl=True, ca_file=str(CERTIFICATE))
    assert failures(found) == {}
    assert found["Encryption"].found.startswith("TLSv1.3, certificate verified")


def test_a_name_without_an_address_stops_the_check(check: CheckMail):
    found = check(25, server="no such..name")
    assert failures(found) == {
        "Server's name": "The mail server cannot be reached (no such..name has no address)"
    }
    assert [str(found[name].outcome) for name in STEPS[2:8]] == ["not checked"] * 6
    assert found["SPF"].outcome is Outcome.OK


def test_a_port_where_nobody_listens_fails(check: CheckMail):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = check(port)
    assert list(failures(found)) == ["Connection"]
    assert "MAIL_PORT" in found["Connection"].mend


@pytest.mark.parametrize(
    ("fault", "step", "words"),
    [
        (Fault(Step.CONNECT, "554 5.7.1 Not you"), "Greeting", "(554 5.7.1 Not you)"),
        (Fault(Step.CONNECT, SILENT), "Greeting", "did not answer in time"),
        (Fault(Step.CONNECT, DROP), "Greeting", "broke the connection"),
        (Fault(Step.EHLO, "550 5.7.1 Not you"), "Greeting", "(550 5.7.1 Not you)"),
        (
            Fault(Step.MAIL, "550 5.7.1 Not yours"),
            "Sender",
            "from this sender (550 5.7.1",
        ),
        (Fault(Step.MAIL, "530 5.7.0 Sign in"), "Sender", "(530 5.7.0 Sign in)"),
        (Fault(Step.MAIL, DROP), "Sender", "broke the connection"),
        (Fault(Step.RCPT, "550 5.1.1 No"), "Recipient", "mailbox does not exist (550 5.1.1 No)"),
        (Fault(Step.RCPT, SILENT), "Recipient", "did not answer in time"),
    ],
)
def test_each_refusal_is_told_at_its_step(check: CheckMail, fault: Fault, step: str, words: str):
    with FaultServer([fault]) as server:
        found = check(server.port, to="zofia@agh.test", timeout=1)
    assert list(failures(found)) == [step]
    assert words in found[step].found
    assert found[step].mend
    assert server.messages == []


def test_a_server_that_says_later_is_to_be_tried_again(check: CheckMail):
    with FaultServer([Fault(Step.MAIL, "451 4.3.0 Later")]) as server:
        found = check(server.port)
    assert found["Sender"].outcome is Outcome.FAILED
    assert found["Sender"].mend.startswith("Try again in a few minutes. ")


@pytest.mark.parametrize("way", [{"starttls": True}, {"tls": True}])
def test_a_certificate_nobody_vouches_for_fails(check: CheckMail, way: dict[str, bool]):
    with FaultServer(**way) as server:
        found = check(server.port, use_tls="starttls" in way, use_ssl="tls" in way)
    (step,) = failures(found)
    assert step == ("Encryption" if "starttls" in way else "Greeting")
    assert "certificate cannot be trusted (self-signed" in found[step].found
    assert "MAIL_CA_FILE" in found[step].mend


def test_a_certificate_about_to_expire_is_a_warning(check: CheckMail):
    with FaultServer(starttls=True) as server:
        late = datetime(2126, 10, 20, tzinfo=UTC)
        found = check(server.port, use_tls=True, ca_file=str(CERTIFICATE), now=late)
    assert found["Encryption"].outcome is Outcome.WARNING
    assert found["Encryption"].found.endswith("good until 2126-10-30 (10 days)")


def test_starttls_asked_for_and_not_offered_fails(check: CheckMail):
    with FaultServer() as server:
        found = check(server.port, use_tls=True)
    assert failures(found) == {
        "Encryption": "The mail server does not offer what the settings ask for"
        " (STARTTLS extension not supported by server.)"
    }


@pytest.mark.parametrize(
    ("offer", "login", "outcome", "words"),
    [
        ({}, {}, "ok", "None, and the server offers none"),
        ({"starttls": True}, {}, "warning", "Mails go in the clear, though the server offers"),
        ({"starttls": True}, LOGIN, "warning", "Mails and the password go in the clear, though"),
        ({}, LOGIN, "warning", "Mails and the password go in the clear, and the server offers no"),
    ],
)
def test_what_goes_in_the_clear_is_said(
    check: CheckMail, offer: dict[str, bool], login: dict[str, str], outcome: str, words: str
):
    with FaultServer(**offer, password=LOGIN["password"]) as server:
        told = check(server.port, **login)["Encryption"]
    assert (str(told.outcome), told.found[: len(words)]) == (outcome, words)


def test_a_wrong_password_fails_and_is_not_shown(check: CheckMail):
    with FaultServer(password="another") as server:
        found = check(server.port, **LOGIN)
    assert failures(found) == {
        "Sign-in": "The mail server does not accept the user name or password"
        " (535 5.7.8 Wrong user name or password)"
    }
    assert "a secret word" not in repr(found)


@pytest.mark.parametrize(
    "echo", ["a secret word", "AGNvdXZlcnQAYSBzZWNyZXQgd29yZA==", "YSBzZWNyZXQgd29yZA=="]
)
def test_a_password_the_server_repeats_is_masked(check: CheckMail, echo: str):
    script = [Fault(Step.AUTH, f"535 5.7.8 Not {echo}")]
    with FaultServer(script, password=LOGIN["password"]) as server:
        found = check(server.port, **LOGIN)
    assert found["Sign-in"].found.endswith("(535 5.7.8 Not ***)")


def test_a_server_that_lets_nobody_sign_in_fails(check: CheckMail):
    with FaultServer() as server:
        found = check(server.port, **LOGIN)
    assert list(failures(found)) == ["Sign-in"]


def test_a_user_name_without_a_password_is_a_warning(check: CheckMail):
    with FaultServer() as server:
        found = check(server.port, username="couvert")
    assert found["Settings"].outcome is Outcome.WARNING
    assert found["Sign-in"].outcome is Outcome.NOT_CHECKED


def test_a_recipient_is_asked_for_and_gets_nothing(check: CheckMail):
    with FaultServer() as server:
        found = check(server.port, to="zofia@agh.test")
    assert found["Recipient"].found == (
        "The server takes mail to zofia@agh.test. Nothing was sent."
    )
    assert server.steps == [*("EHLO", "MAIL", "RSET", "MAIL", "RCPT", "RSET", "QUIT")]


@pytest.mark.parametrize(
    ("extensions", "outcome"), [(["SMTPUTF8"], Outcome.OK), (["8BITMIME"], Outcome.FAILED)]
)
def test_an_international_recipient_needs_smtputf8(
    check: CheckMail, extensions: list[str], outcome: Outcome
):
    with FaultServer(extensions=extensions) as server:
        found = check(server.port, to="åsa@stockholm.test")
    assert (found["Sender"].outcome, found["Recipient"].outcome) == (Outcome.OK, outcome)
