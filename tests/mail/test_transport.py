"""Whatever the server does at whichever step, the outcome tells what became of the mail."""

import socket
import time
from collections.abc import Callable
from email.headerregistry import Address

import pytest

from app.mail.message import MailMessage
from app.mail.transport import Deferred, Paused, Reach, Refused, Sent, Transport, Uncertain
from tests.faults.smtp_server import CERTIFICATE, DROP, SILENT, Fault, FaultServer, Step
from tests.mail.conftest import calendar_file, make_message

LATER = "451 4.3.0 Later"
NEVER = "550 5.1.1 No such user"
CLOSING = "421 4.3.2 Closing"
QUICK = 0.3
"""Seconds of MAIL_TIMEOUT where the server stays silent."""

OpenTransport = Callable[..., Transport]


def time_out_for(act: str) -> float:
    return QUICK if act == SILENT else 10


@pytest.mark.parametrize(
    ("step", "act", "outcome"),
    [
        (Step.CONNECT, LATER, Deferred),
        (Step.CONNECT, "554 5.7.1 Not you", Paused),
        (Step.CONNECT, CLOSING, Deferred),
        (Step.CONNECT, DROP, Deferred),
        (Step.CONNECT, SILENT, Deferred),
        (Step.CONNECT, "HTTP/1.1 400 Bad request", Deferred),
        (Step.EHLO, LATER, Deferred),
        (Step.EHLO, "550 5.7.1 Not you", Paused),
        (Step.EHLO, CLOSING, Deferred),
        (Step.EHLO, DROP, Deferred),
        (Step.EHLO, SILENT, Deferred),
        (Step.MAIL, LATER, Deferred),
        (Step.MAIL, NEVER, Paused),
        (Step.MAIL, "530 5.7.0 Sign in first", Paused),
        (Step.MAIL, CLOSING, Deferred),
        (Step.MAIL, DROP, Deferred),
        (Step.MAIL, SILENT, Deferred),
        (Step.RCPT, LATER, Deferred),
        (Step.RCPT, NEVER, Refused),
        (Step.RCPT, CLOSING, Deferred),
        (Step.RCPT, DROP, Deferred),
        (Step.RCPT, SILENT, Deferred),
        (Step.DATA, LATER, Deferred),
        (Step.DATA, NEVER, Refused),
        (Step.DATA, CLOSING, Deferred),
        (Step.DATA, DROP, Deferred),
        (Step.DATA, SILENT, Deferred),
        (Step.DATA, "250 2.0.0 What", Deferred),
        (Step.DOT, LATER, Deferred),
        (Step.DOT, NEVER, Refused),
        (Step.DOT, CLOSING, Deferred),
        (Step.DOT, DROP, Uncertain),
        (Step.DOT, SILENT, Uncertain),
        (Step.DOT, "What", Uncertain),
        (Step.AFTER, DROP, Sent),
        (Step.QUIT, DROP, Sent),
        (Step.QUIT, LATER, Sent),
        (Step.QUIT, SILENT, Sent),
    ],
)
def test_each_fault_has_its_outcome(
    step: Step, act: str, outcome: type, open_transport: OpenTransport, message: MailMessage
):
    with (
        FaultServer([Fault(step, act)]) as server,
        open_transport(server.port, MAIL_TIMEOUT=time_out_for(act)) as transport,
    ):
        assert type(transport.send(message)) is outcome


def test_a_mail_that_was_taken_is_sent_with_the_servers_last_words(
    open_transport: OpenTransport, message: MailMessage
):
    with FaultServer() as server, open_transport(server.port) as transport:
        assert transport.send(message) == Sent("250 2.0.0 Ok: queued as 1")
    (mail,) = server.messages
    assert (mail.sender, mail.recipient) == ("summit@stockholm.test", "zofia@agh.test")
    assert (mail.content, mail.message_id) == (message.as_bytes(), "invitation.42@couvert.test")


def test_a_line_that_is_only_a_dot_does_not_end_the_mail(open_transport: OpenTransport):
    message = make_message(calendars=[calendar_file(b".\r\n..\r\n")], text=".\n..\n.hidden\n")
    with FaultServer() as server, open_transport(server.port) as transport:
        transport.send(message)
    assert server.messages[0].content == message.as_bytes()


@pytest.mark.parametrize("step", [Step.RCPT, Step.DATA, Step.DOT])
@pytest.mark.parametrize("act", [LATER, NEVER])
def test_after_a_refused_step_the_next_mail_goes_over_the_same_connection(
    step: Step, act: str, open_transport: OpenTransport, message: MailMessage
):
    with (
        FaultServer([Fault(step, act, times=1)]) as server,
        open_transport(server.port) as transport,
    ):
        transport.send(message)
        assert type(transport.send(message)) is Sent
    assert (server.connections, server.steps.count("RSET")) == (1, 1)


@pytest.mark.parametrize("step", [Step.MAIL, Step.RCPT, Step.DATA, Step.DOT])
@pytest.mark.parametrize("act", [CLOSING, DROP, "What"])
def test_after_a_lost_connection_the_next_mail_goes_over_a_new_one(
    step: Step, act: str, open_transport: OpenTransport, message: MailMessage
):
    with (
        FaultServer([Fault(step, act, times=1)]) as server,
        open_transport(server.port) as transport,
    ):
        transport.send(message)
        assert type(transport.send(message)) is Sent
    assert (server.connections, len(server.messages)) == (2, 1)


def test_a_server_that_does_not_listen_defers_the_mail(
    open_transport: OpenTransport, message: MailMessage
):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert open_transport(port).send(message) == Deferred(
        "The mail server cannot be reached", "[Errno 111] Connection refused", Reach.QUEUE
    )


def test_a_mail_broken_off_before_its_final_dot_is_deferred(open_transport: OpenTransport):
    longer_than_any_buffer = make_message(calendars=[calendar_file(bytes(8_000_000))])
    with (
        FaultServer([Fault(Step.CONTENT, DROP)], extensions=()) as server,
        open_transport(server.port) as transport,
    ):
        outcome = transport.send(longer_than_any_buffer)
    assert outcome == Deferred("The connection broke before the whole mail was handed over")


def test_a_mail_that_may_have_been_taken_is_uncertain(
    open_transport: OpenTransport, message: MailMessage
):
    with (
        FaultServer([Fault(Step.DOT, DROP, taken=True)]) as server,
        open_transport(server.port) as transport,
    ):
        outcome = transport.send(message)
    assert outcome == Uncertain(
        "The mail server was handed the whole mail and broke the connection: it may have taken it"
    )
    assert len(server.messages) == 1


def test_a_refusal_says_why_in_plain_words(open_transport: OpenTransport, message: MailMessage):
    with FaultServer([Fault(Step.RCPT, NEVER)]) as server, open_transport(server.port) as transport:
        outcome = transport.send(message)
    assert outcome == Refused("The mailbox does not exist", "550 5.1.1 No such user")


@pytest.mark.parametrize(
    "about_the_mail", ["552 Too large", "554 5.3.4 Big", "550 5.2.3 Big", "554 5.6.1 No"]
)
def test_a_refused_sender_stops_all_mail_unless_it_is_about_this_mail(
    about_the_mail: str, open_transport: OpenTransport, message: MailMessage
):
    script = [
        Fault(Step.MAIL, "550 5.7.1 Not you", messages=frozenset({1})),
        Fault(Step.MAIL, about_the_mail, messages=frozenset({2})),
    ]
    with FaultServer(script) as server, open_transport(server.port) as transport:
        outcomes = [type(transport.send(message)) for _ in range(3)]
    assert outcomes == [Paused, Refused, Sent]


@pytest.mark.parametrize(
    ("step", "act", "reach"),
    [
        (Step.CONNECT, LATER, Reach.QUEUE),
        (Step.EHLO, DROP, Reach.QUEUE),
        (Step.MAIL, "452 4.3.1 Out of space", Reach.QUEUE),
        (Step.MAIL, "452 4.3.4 Too large for now", Reach.DOMAIN),
        (Step.MAIL, DROP, Reach.QUEUE),
        (Step.RCPT, "452 4.2.2 Full", Reach.MAIL),
        (Step.RCPT, "450 4.1.1 Who", Reach.MAIL),
        (Step.RCPT, "451 4.7.1 Greylisted", Reach.DOMAIN),
        (Step.RCPT, DROP, Reach.MAIL),
        (Step.DOT, "450 Busy", Reach.DOMAIN),
    ],
)
def test_a_deferral_says_which_other_mails_would_fare_the_same(
    step: Step, act: str, reach: Reach, open_transport: OpenTransport, message: MailMessage
):
    with FaultServer([Fault(step, act)]) as server, open_transport(server.port) as transport:
        outcome = transport.send(message)
    assert (type(outcome), outcome.reach) == (Deferred, reach)


@pytest.mark.parametrize("step", [Step.CONNECT, Step.EHLO, Step.MAIL, Step.DOT])
def test_a_silent_server_holds_us_no_longer_than_the_time_out(
    step: Step, open_transport: OpenTransport, message: MailMessage
):
    with FaultServer([Fault(step, SILENT)]) as server:
        begun = time.monotonic()
        open_transport(server.port, MAIL_TIMEOUT=QUICK).send(message)
        assert QUICK <= time.monotonic() - begun < 5


def test_fifty_mails_go_over_one_connection(open_transport: OpenTransport, message: MailMessage):
    with FaultServer() as server, open_transport(server.port) as transport:
        outcomes = {type(transport.send(message)) for _ in range(50)}
    assert (outcomes, len(server.messages), server.connections) == ({Sent}, 50, 1)


@pytest.mark.parametrize(
    "fault", [Fault(Step.AFTER, DROP, times=1), Fault(Step.AFTER, CLOSING, times=1)]
)
def test_a_kept_connection_that_died_between_mails_is_opened_again(
    fault: Fault, open_transport: OpenTransport, message: MailMessage
):
    with FaultServer([fault]) as server, open_transport(server.port) as transport:
        outcomes = [type(transport.send(message)) for _ in range(2)]
    assert (outcomes, server.connections) == ([Sent, Sent], 2)


def test_a_connection_that_dies_at_each_mail_is_not_opened_for_ever(
    open_transport: OpenTransport, message: MailMessage
):
    script = [Fault(Step.MAIL, DROP, messages=frozenset(range(2, 10)))]
    with FaultServer(script) as server, open_transport(server.port) as transport:
        outcomes = [type(transport.send(message)) for _ in range(2)]
    assert (outcomes, server.connections) == ([Sent, Deferred], 2)


def test_a_trusted_certificate_lets_mail_through(
    open_transport: OpenTransport, message: MailMessage
):
    with (
        FaultServer(starttls=True) as server,
        open_transport(server.port, MAIL_USE_TLS=True, MAIL_CA_FILE=CERTIFICATE) as transport,
    ):
        assert type(transport.send(message)) is Sent


@pytest.mark.parametrize("way", [{"starttls": True}, {"tls": True}])
def test_a_certificate_nobody_vouches_for_stops_all_mail(
    way: dict[str, bool], open_transport: OpenTransport, message: MailMessage
):
    asked = {"MAIL_USE_TLS": "starttls" in way, "MAIL_USE_SSL": "tls" in way}
    with FaultServer(**way) as server, open_transport(server.port, **asked) as transport:
        outcome = transport.send(message)
    assert outcome == Paused(
        "The mail server’s certificate cannot be trusted", "self-signed certificate"
    )


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(Step.STARTTLS, "454 4.7.0 Not now"), Deferred),
        (Fault(Step.STARTTLS, "554 5.7.0 Never"), Paused),
        (Fault(Step.STARTTLS, CLOSING), Deferred),
        (Fault(Step.STARTTLS, DROP), Deferred),
        (Fault(Step.STARTTLS, SILENT), Deferred),
    ],
)
def test_each_fault_of_starttls_has_its_outcome(
    fault: Fault, outcome: type, open_transport: OpenTransport, message: MailMessage
):
    with FaultServer([fault], starttls=True) as server:
        transport = open_transport(
            server.port, MAIL_USE_TLS=True, MAIL_TIMEOUT=time_out_for(fault.act)
        )
        assert type(transport.send(message)) is outcome


def test_mail_stops_where_starttls_is_asked_for_and_not_offered(
    open_transport: OpenTransport, message: MailMessage
):
    with (
        FaultServer() as server,
        open_transport(server.port, MAIL_USE_TLS=True) as transport,
    ):
        assert transport.send(message) == Paused(
            "The mail server does not offer what the settings ask for",
            "STARTTLS extension not supported by server.",
        )
    assert server.messages == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(Step.AUTH, "535 5.7.8 Wrong"), Paused),
        (Fault(Step.AUTH, "534 5.7.9 Too weak"), Paused),
        (Fault(Step.AUTH, "530 5.7.0 TLS first"), Paused),
        (Fault(Step.AUTH, "454 4.7.0 Not now"), Deferred),
        (Fault(Step.AUTH, CLOSING), Deferred),
        (Fault(Step.AUTH, DROP), Deferred),
        (Fault(Step.AUTH, SILENT), Deferred),
        (Fault(Step.AUTH), Sent),
    ],
)
def test_each_fault_of_signing_in_has_its_outcome(
    fault: Fault, outcome: type, open_transport: OpenTransport, message: MailMessage
):
    signing_in = {"MAIL_USERNAME": "couvert", "MAIL_PASSWORD": "secret"}
    with (
        FaultServer([fault], password="secret") as server,
        open_transport(
            server.port, MAIL_TIMEOUT=time_out_for(fault.act), **signing_in
        ) as transport,
    ):
        assert type(transport.send(message)) is outcome


@pytest.mark.parametrize("password", ["", "another"])
def test_mail_stops_where_signing_in_is_not_offered_or_fails(
    password: str, open_transport: OpenTransport, message: MailMessage
):
    with FaultServer(password=password) as server:
        transport = open_transport(server.port, MAIL_USERNAME="couvert", MAIL_PASSWORD="secret")
        assert type(transport.send(message)) is Paused


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_sent(
    open_transport: OpenTransport, message: MailMessage
):
    size = len(message.as_bytes())
    with (
        FaultServer(extensions=["SIZE 500"]) as server,
        open_transport(server.port) as transport,
    ):
        assert transport.send(message) == Refused(
            "The mail is larger than the server takes",
            f"{size} bytes; the server's SIZE is 500",
            asked=False,
        )
    assert "MAIL" not in server.steps


def test_an_address_the_server_cannot_send_to_is_refused(open_transport: OpenTransport):
    message = make_message(to=Address("Åsa", "åsa", "stockholm.test"))
    with FaultServer(extensions=["8BITMIME"]) as server, open_transport(server.port) as transport:
        outcome = transport.send(message)
    assert type(outcome) is Refused
    assert "outside ASCII" in outcome.reason


def test_an_address_with_letters_outside_ascii_gets_its_mail(open_transport: OpenTransport):
    message = make_message(to=Address("Åsa", "åsa", "stockholm.test"))
    with FaultServer() as server, open_transport(server.port) as transport:
        assert type(transport.send(message)) is Sent
    assert server.messages[0].recipient == "åsa@stockholm.test"


def test_mail_can_be_held_back_and_still_be_recorded(
    open_transport: OpenTransport, message: MailMessage
):
    with FaultServer() as server:
        transport = open_transport(server.port, MAIL_SUPPRESS_SEND=True)
        with transport.mail.record_messages() as recorded:
            assert type(transport.send(message)) is Sent
    assert (recorded, server.connections) == ([message], 0)


def test_only_mail_that_was_sent_is_recorded(open_transport: OpenTransport, message: MailMessage):
    script = [Fault(Step.DOT, NEVER, messages=frozenset({1}))]
    with (
        FaultServer(script) as server,
        open_transport(server.port) as transport,
        transport.mail.record_messages() as recorded,
    ):
        transport.send(message)
        transport.send(message)
    assert recorded == [message]


def test_flask_mails_own_way_of_sending_works_on_the_same_connection(
    open_transport: OpenTransport, message: MailMessage
):
    with FaultServer([Fault(Step.AFTER, DROP)]) as server:
        mail = open_transport(server.port).mail
        with mail.record_messages() as recorded:
            mail.send(message)
    assert (len(server.messages), recorded) == (1, [message])
