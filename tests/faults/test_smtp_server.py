"""The server the fault tests lean on does what its script says."""

import smtplib
import subprocess
import sys
import time

import pytest

from tests.faults.smtp_server import DROP, SILENT, Fault, FaultServer, Step

MAIL = b"Message-ID: <one@couvert.test>\r\n\r\n..A line with a dot\r\n"


def send(client: smtplib.SMTP, recipient: str = "zofia@agh.test") -> None:
    client.sendmail("summit@stockholm.test", [recipient], MAIL)


def test_a_server_without_a_script_takes_mail_and_keeps_it_as_it_was_sent():
    with FaultServer() as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        send(client)
    (mail,) = server.messages
    assert (mail.sender, mail.recipient) == ("summit@stockholm.test", "zofia@agh.test")
    assert (mail.content, mail.message_id) == (MAIL, "one@couvert.test")


def test_a_fault_holds_for_the_message_it_names():
    script = [Fault(Step.MAIL, "451 4.3.0 Later", messages=frozenset({2}))]
    with FaultServer(script) as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        send(client)
        with pytest.raises(smtplib.SMTPSenderRefused):
            send(client)
        send(client)
    assert len(server.messages) == 2


def test_a_fault_holds_for_the_recipient_it_names():
    script = [Fault(Step.RCPT, "550 5.1.1 Unknown", recipient="nobody@agh.test")]
    with FaultServer(script) as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(client, "nobody@agh.test")
        send(client)
    assert [mail.recipient for mail in server.messages] == ["zofia@agh.test"]


def test_a_fault_ends_after_its_number_of_times():
    script = [Fault(Step.DATA, "451 4.3.0 Later", times=1)]
    with FaultServer(script) as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        with pytest.raises(smtplib.SMTPDataError):
            send(client)
        send(client)
    assert len(server.messages) == 1


@pytest.mark.parametrize("step", [Step.CONNECT, Step.EHLO, Step.MAIL, Step.DATA, Step.DOT])
def test_a_dropped_step_ends_the_connection(step: Step):
    with FaultServer([Fault(step, DROP)]) as server, pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtplib.SMTP("127.0.0.1", server.port))
    assert server.messages == []


def test_a_silent_step_leaves_the_client_waiting():
    with FaultServer([Fault(Step.MAIL, SILENT)]) as server:
        client = smtplib.SMTP("127.0.0.1", server.port, timeout=0.2)
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            send(client)


def test_a_mail_can_be_taken_although_its_answer_is_lost():
    with FaultServer([Fault(Step.DOT, DROP, taken=True)]) as server:
        client = smtplib.SMTP("127.0.0.1", server.port)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(client)
    assert len(server.messages) == 1


def test_an_answer_can_drip_byte_by_byte():
    with FaultServer([Fault(Step.EHLO, "250 Ok", drip=0.01)]) as server:
        client = smtplib.SMTP("127.0.0.1", server.port)
        begun = time.monotonic()
        assert client.ehlo() == (250, b"Ok")
        client.close()
    assert time.monotonic() - begun >= 0.07


def test_a_server_that_went_away_refuses_or_ignores_until_it_is_back():
    with FaultServer() as server:
        server.go_away()
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP("127.0.0.1", server.port)
        server.go_away(deaf=True)
        with pytest.raises(TimeoutError):
            smtplib.SMTP("127.0.0.1", server.port, timeout=0.2)
        server.come_back()
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            send(client)
    assert len(server.messages) == 1


def test_a_server_can_limit_connections_and_mails_per_connection():
    with (
        FaultServer(most_connections=1, mails_per_connection=1) as server,
        smtplib.SMTP("127.0.0.1", server.port) as client,
    ):
        with pytest.raises(smtplib.SMTPConnectError, match="421"):
            smtplib.SMTP("127.0.0.1", server.port)
        send(client)
        with pytest.raises(smtplib.SMTPSenderRefused, match="421"):
            send(client)
    assert len(server.messages) == 1


def test_as_a_program_it_prints_its_port_and_counts_what_it_took():
    with subprocess.Popen(
        [sys.executable, "tests/faults/smtp_server.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        port = int(program.stdout.readline().removeprefix("port "))
        with smtplib.SMTP("127.0.0.1", port) as client:
            send(client)
            send(client)
        told, _ = program.communicate()
    assert told == "messages 2\n"
