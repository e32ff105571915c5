"""Opening a connection ends in time, whatever holds it up; and the server's words are kept."""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable

import pytest

from app.mail.bounded import BoundedSMTP, BoundedTlsSMTP
from app.mail.transport import Deferred, Paused, Reach, Transport
from tests.faults.smtp_server import CERTIFICATE, SILENT, Fault, FaultServer, Step
from tests.mail.conftest import make_message

QUICK = 0.5
"""Seconds an exchange is given."""
SPARE = 0.3
"""Seconds a busy machine may need besides."""
DRIP = Fault(Step.EHLO, "250 " + "a" * 100, drip=QUICK / 4)

OpenTransport = Callable[..., Transport]


def held(act: Callable[[], object], raises: type[Exception]) -> float:
    begun = time.monotonic()
    with pytest.raises(raises):
        act()
    return time.monotonic() - begun


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=CERTIFICATE)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[tuple[str, int]]]:
    """Let a name stand for several addresses, as a name server would have it."""
    told: dict[str, list[tuple[str, int]]] = {}

    def look_up(host: str, _port: int, **_wanted: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in told[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return told


def test_several_addresses_that_do_not_answer_hold_us_no_longer_than_one(names):
    with FaultServer() as server:
        server.go_away(deaf=True)
        names["mail.test"] = [("127.0.0.1", server.port)] * 3
        seconds = held(lambda: BoundedSMTP("mail.test", 25, "us", timeout=QUICK), TimeoutError)
    assert QUICK - 0.01 <= seconds < QUICK + SPARE


def test_the_address_that_answers_is_found_behind_one_that_does_not(names):
    with FaultServer() as deaf, FaultServer() as server:
        deaf.go_away(deaf=True)
        names["mail.test"] = [("127.0.0.1", deaf.port), ("127.0.0.1", server.port)]
        BoundedSMTP("mail.test", 25, "us", timeout=QUICK).close()
    assert server.connections == 1


def test_a_name_that_cannot_be_written_is_a_server_that_cannot_be_reached():
    with pytest.raises(OSError, match=r"a\.\.b has no address"):
        BoundedSMTP("a..b", 25, "us", timeout=QUICK)


def test_a_handshake_gets_only_the_time_that_is_left():
    script = [Fault(Step.STARTTLS, delay=QUICK * 0.8), Fault(Step.HANDSHAKE, SILENT)]
    with FaultServer(script, starttls=True) as server:
        client = BoundedSMTP("127.0.0.1", server.port, "us", timeout=10)
        client.allow(QUICK)
        seconds = held(lambda: client.starttls(context=trusting()), TimeoutError)
        client.close()
    assert seconds < QUICK + SPARE


def test_a_handshake_at_the_first_byte_ends_in_time():
    with FaultServer([Fault(Step.HANDSHAKE, SILENT)], tls=True) as server:
        seconds = held(
            lambda: BoundedTlsSMTP(
                "127.0.0.1", server.port, "us", timeout=QUICK, context=trusting()
            ),
            TimeoutError,
        )
    assert seconds < QUICK + SPARE


@pytest.mark.parametrize("tls", [False, True])
def test_an_answer_that_drips_for_ever_ends_in_time(tls: bool):  # noqa: FBT001 - a case
    with FaultServer([DRIP], tls=tls) as server:
        options = {"timeout": QUICK, "context": trusting()} if tls else {"timeout": QUICK}
        client = (BoundedTlsSMTP if tls else BoundedSMTP)("127.0.0.1", server.port, "us", **options)
        assert held(client.ehlo, smtplib.SMTPServerDisconnected) < QUICK + SPARE


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_stops_reading_ends_in_time(tls: bool):  # noqa: FBT001 - a case
    with FaultServer([Fault(Step.EHLO, SILENT)], tls=tls, narrow=True) as server:
        options = {"timeout": QUICK, "context": trusting()} if tls else {"timeout": QUICK}
        client = (BoundedTlsSMTP if tls else BoundedSMTP)("127.0.0.1", server.port, "us", **options)
        client.putcmd("EHLO us")
        endless = b"x" * 20_000_000
        assert held(lambda: client.send(endless), smtplib.SMTPServerDisconnected) < QUICK + SPARE


def test_the_goodbye_waits_for_no_longer_than_the_time_out(open_transport: OpenTransport):
    with FaultServer([Fault(Step.QUIT, SILENT)]) as server:
        transport = open_transport(server.port, MAIL_TIMEOUT=QUICK)
        transport.send(make_message())
        time.sleep(QUICK)
        begun = time.monotonic()
        transport.close()
    assert time.monotonic() - begun < QUICK + SPARE
    assert server.steps[-1] == "QUIT"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(Step.CONNECT, "HTTP/1.1 400 Bad request"), "HTTP/1.1 400 Bad request"),
        (Fault(Step.CONNECT, "x" * 9000), "x" * 500),
        (Fault(Step.EHLO, "421 4.3.2 Closing"), "421 4.3.2 Closing"),
        (Fault(Step.AUTH, "421 4.7.0 Closing"), "421 4.7.0 Closing"),
    ],
)
def test_the_words_of_a_server_that_breaks_off_are_kept(
    fault: Fault, words: str, open_transport: OpenTransport
):
    with FaultServer([fault], password="secret") as server:
        transport = open_transport(server.port, MAIL_USERNAME="couvert", MAIL_PASSWORD="secret")
        outcome = transport.send(make_message())
    assert (type(outcome), outcome.reply, outcome.reach) == (Deferred, words, Reach.QUEUE)


def test_a_password_that_cannot_be_sent_stops_all_mail_and_is_not_shown(
    open_transport: OpenTransport,
):
    with FaultServer(password="secret") as server:
        transport = open_transport(server.port, MAIL_USERNAME="couvert", MAIL_PASSWORD="lösen")
        assert transport.send(make_message()) == Paused(
            "The mail server does not offer what the settings ask for",
            "user name or password outside ASCII",
        )


def test_a_challenge_that_is_nonsense_defers_the_mail(open_transport: OpenTransport):
    with FaultServer([Fault(Step.AUTH, "334 Wha")], password="secret") as server:
        transport = open_transport(server.port, MAIL_USERNAME="couvert", MAIL_PASSWORD="secret")
        assert type(transport.send(make_message())) is Deferred
