"""Sending through Flask-Mail made safe: bounded in time, verified, and honest about the outcome."""

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from types import TracebackType
from typing import Self

import flask_mail
from flask import Flask
from flask_mail import BadHeaderError, email_dispatched

from app.mail.bounded import BoundedSMTP, BoundedTlsSMTP
from app.mail.message import MailMessage
from app.mail.replies import (
    BAD_CERTIFICATE,
    LOST,
    LOST_AFTER_DOT,
    NO_SMTPUTF8,
    NO_TLS,
    NOT_OFFERED,
    NOT_WHOLE,
    SILENT,
    SILENT_AFTER_DOT,
    TOO_LARGE,
    UNREACHABLE,
    Reply,
)

DEFAULT_TIMEOUT = 60
GOODBYE_SECONDS = 5
"""A server may take so long over QUIT: the next mail waits for it."""
DONE, GO_ON, NOT_NOW, NEVER = 2, 3, 4, 5  # the first digit of a reply
SERVICE_CLOSING = 421
LOGIN_WANTED = {530, 534, 535, 538}
ABOUT_THE_MAIL = re.compile(r"552\b|\d{3} [45]\.(?:3\.4|2\.3|6\.\d+)\b")
"""Answers to MAIL that are this mail's fault: too large, or not to be converted (RFC 3463)."""
ABOUT_US = re.compile(r"\d{3} 5\.7\.\d+\b")
ABOUT_ONE_MAILBOX = re.compile(r"\d{3} 4\.(?:2|1)\.\d+\b")
"""Deferrals that say nothing of other mailboxes behind the same domain."""
BROKEN = (
    smtplib.SMTPServerDisconnected,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    BrokenPipeError,
    ConnectionResetError,
)
LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class Sent:
    """The server has taken the mail; `reply` is its answer to the final dot."""

    reply: str


@dataclass(frozen=True)
class Refused:
    """The server will never take this mail."""

    reason: str
    reply: str = ""
    asked: bool = True
    """Whether the server was asked; some mails are known to be refused before."""

    @property
    def about_us(self) -> bool:
        """Whether it is refused for what we are (RFC 3463, 5.7.x): relaying, SPF, DKIM, policy."""
        return bool(ABOUT_US.match(self.reply))


class Reach(Enum):
    """Which other mails would fare the same now."""

    MAIL = "none"
    DOMAIN = "those to the same provider"
    QUEUE = "all: no mail could even be begun"


@dataclass(frozen=True)
class Deferred:
    """The server has surely not taken this mail, and may take it later."""

    reason: str
    reply: str = ""
    reach: Reach = Reach.MAIL


@dataclass(frozen=True)
class Uncertain:
    """The whole mail went out and no answer came: the server may have taken it, or not."""

    reason: str
    reply: str = ""


@dataclass(frozen=True)
class Paused:
    """No mail can go out at all until somebody mends the settings or the server."""

    reason: str
    reply: str = ""


Outcome = Sent | Refused | Deferred | Uncertain | Paused


class SafeMail(flask_mail.Mail):
    """Flask-Mail on connections that end in time and check certificates.

    Beside Flask-Mail's settings it reads MAIL_TIMEOUT (seconds that opening a connection may take
    in all, and again each mail), MAIL_CA_FILE (certificates to trust in place of the system's) and
    MAIL_EHLO_NAME. Raises OSError where MAIL_CA_FILE cannot be read.
    """

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.sender_app = app
        self.settings = app.extensions["mail"]
        self.timeout = app.config.get("MAIL_TIMEOUT", DEFAULT_TIMEOUT)
        # Never this machine's full name: to learn it, smtplib would wait for a name server.
        self.ehlo_name = app.config.get("MAIL_EHLO_NAME", "localhost")
        self.tls = self._tls_context(app.config.get("MAIL_CA_FILE"))

    def _tls_context(self, ca_file: str | None) -> ssl.SSLContext | None:
        wanted = self.settings.use_tls or self.settings.use_ssl
        return ssl.create_default_context(cafile=ca_file) if wanted else None

    def connect(self) -> "SafeConnection":
        return SafeConnection(self)

    def announce(self, message: flask_mail.Message) -> None:
        """Tell those who listen (`record_messages`) that the message has gone."""
        email_dispatched.send(self.sender_app, message=message)


class SafeConnection(flask_mail.Connection):
    """One conversation with the SMTP server."""

    mail: SafeMail

    host: BoundedSMTP | None

    def configure_host(self) -> BoundedSMTP:
        """Connect, go over to TLS and sign in, as set. Raises OSError where a step fails."""
        host = self.connected()
        try:
            host.set_debuglevel(self.mail.settings.debug)
            if self.mail.settings.use_tls:
                host.starttls(context=self.mail.tls)
            if self.mail.settings.username and self.mail.settings.password:
                host.login(self.mail.settings.username, self.mail.settings.password)
            host.ehlo_or_helo_if_needed()
        except BaseException:
            host.close()
            raise
        return host

    def connected(self) -> BoundedSMTP:
        """Connect and hear the greeting, no more."""
        server, port = self.mail.settings.server, self.mail.settings.port
        name, timeout = self.mail.ehlo_name, self.mail.timeout
        if self.mail.settings.use_ssl:
            return BoundedTlsSMTP(server, port, name, timeout=timeout, context=self.mail.tls)
        return BoundedSMTP(server, port, name, timeout=timeout)

    def send(
        self, message: flask_mail.Message, envelope_from: str | tuple[str, str] | None = None
    ) -> None:
        """Send the message; raise what smtplib raises. Addresses go out as the message has them."""
        if message.has_bad_headers():
            raise BadHeaderError
        if self.host is not None:
            self.host.sendmail(
                str(envelope_from or message.sender),
                [str(address) for address in message.send_to],
                message.as_bytes(),
                message.mail_options,
            )
        self.mail.announce(message)

    def close(self) -> None:
        """Say goodbye; a server already gone by then does no harm, its answers have been given."""
        if self.host is None:
            return
        self.host.allow(min(GOODBYE_SECONDS, self.mail.timeout))
        try:
            self.host.quit()
        except OSError:
            self.host.close()
        self.host = None

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()


class Transport:
    """Sends messages one after the other over one kept connection, and tells what became of each.

    Not for several threads at once. `dot_sent` tells whether the last mail's final dot may have
    gone out.
    """

    def __init__(self, mail: SafeMail) -> None:
        self.mail = mail
        self.connection = mail.connect()
        self.dot_sent = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def send(self, message: MailMessage) -> Outcome:
        """Send the message, over the kept connection if it lives; never raise for the network."""
        if self.mail.settings.suppress:
            outcome: Outcome = Sent("Not sent: MAIL_SUPPRESS_SEND is set.")
        else:
            outcome = self._converse(message)
        if isinstance(outcome, Sent):
            self.mail.announce(message)
        else:
            self._clear()
        return outcome

    def close(self) -> None:
        self.connection.close()

    def abandon(self) -> None:
        """Let the kept connection go without a word: nobody knows how far its talk has come."""
        self._drop()

    @property
    def is_open(self) -> bool:
        return self.connection.host is not None

    def _converse(self, message: MailMessage) -> Outcome:
        self.dot_sent = False
        try:
            return (
                self._begin(message)
                or self._step(lambda: self._host.rcpt(str(message.recipients[0])))
                or self._step(lambda: self._host.docmd("DATA"), wanted=GO_ON)
                or self._hand_over(message.as_bytes())
            )
        except BaseException:
            self._drop()
            raise

    def _begin(self, message: MailMessage) -> Outcome | None:
        """Come as far as MAIL FROM; open once more if the kept connection has died meanwhile."""
        kept = self.connection.host is not None
        stopped = self._open() or self._name_sender(message)
        if kept and self.connection.host is None:
            stopped = self._open() or self._name_sender(message)
        return stopped

    def _open(self) -> Outcome | None:
        if self.connection.host is None:
            try:
                self.connection.host = self.connection.configure_host()
            except OSError as error:
                return why_not_open(error)
        self._host.allow(self.mail.timeout)
        return None

    def _name_sender(self, message: MailMessage) -> Outcome | None:
        size, limit = len(message.as_bytes()), _size_limit(self._host)
        if limit and size > limit:
            return Refused(TOO_LARGE, f"{size} bytes; the server's SIZE is {limit}", asked=False)
        if message.utf8 and not self._host.has_extn("smtputf8"):
            return Refused(NO_SMTPUTF8, asked=False)
        options = [*message.mail_options, *([f"SIZE={size}"] if limit else [])]
        stopped = self._step(lambda: self._host.mail(str(message.sender), options))
        if stopped is None or ABOUT_THE_MAIL.match(stopped.reply):
            return stopped
        # The server knows of no recipient yet: it would answer the same to every mail.
        self._drop()
        if isinstance(stopped, Refused):
            return Paused(stopped.reason, stopped.reply)
        return replace(stopped, reach=Reach.QUEUE) if isinstance(stopped, Deferred) else stopped

    def _hand_over(self, content: bytes) -> Outcome:
        """Send the content and its final dot. From the dot on, silence leaves us uncertain."""
        dotted = LINE_START_DOT.sub(b"..", content) + b".\r\n"
        self.dot_sent = True
        try:
            self._host.send_whole(dotted)
        except OSError:
            return self._break_off()
        try:
            reply = Reply(*self._host.getreply())
        except OSError as error:
            self._drop()
            return Uncertain(SILENT_AFTER_DOT if _timed_out(error) else LOST_AFTER_DOT)
        if reply.severity == DONE:
            return Sent(reply.text)
        if reply.severity in {NOT_NOW, NEVER}:
            return self._stop(reply)
        self._drop()
        return Uncertain(reply.meaning, reply.text)

    def _break_off(self) -> Outcome:
        """Give up half-way: the server has surely not taken the mail, and may have said why."""
        try:
            return self._stop(Reply(*self._host.getreply()))
        except OSError:
            return Deferred(NOT_WHOLE)
        finally:
            self._drop()

    def _step(self, act: Callable[[], tuple[int, bytes]], *, wanted: int = DONE) -> Outcome | None:
        """Take one step of the conversation; None means go on."""
        try:
            reply = Reply(*act())
        except OSError as error:  # smtplib's own errors are OSErrors too
            self._drop()
            return Deferred(_why_lost(error))
        return None if reply.severity == wanted else self._stop(reply)

    def _stop(self, reply: Reply) -> Outcome:
        if reply.code == SERVICE_CLOSING or reply.severity not in {NOT_NOW, NEVER}:
            self._drop()
        if reply.code in LOGIN_WANTED:
            return Paused(reply.meaning, reply.text)
        if reply.severity == NEVER:
            return Refused(reply.meaning, reply.text)
        of_one = ABOUT_ONE_MAILBOX.match(reply.text)
        return Deferred(reply.meaning, reply.text, Reach.MAIL if of_one else Reach.DOMAIN)

    def _clear(self) -> None:
        """Leave nothing of a message that was stopped in the kept connection."""
        if self.connection.host is not None and self._step(self.connection.host.rset):
            self._drop()

    def _drop(self) -> None:
        if self.connection.host is not None:
            self.connection.host.close()
        self.connection.host = None

    @property
    def _host(self) -> BoundedSMTP:
        if self.connection.host is None:
            raise smtplib.SMTPServerDisconnected
        return self.connection.host


def _size_limit(host: smtplib.SMTP) -> int:
    """Return how many bytes a mail may have (RFC 1870); 0 means not told."""
    told = host.esmtp_features.get("size", "")
    return int(told) if told.isdecimal() else 0


def why_not_open(error: OSError) -> Paused | Deferred:
    """Tell a server that is away for a while from settings that let no mail out at all."""
    match error:
        case ssl.SSLCertVerificationError():
            return Paused(BAD_CERTIFICATE, error.verify_message)
        case smtplib.SMTPResponseException():
            reply = Reply(error.smtp_code, _as_bytes(error.smtp_error))
            if reply.severity == NEVER:
                return Paused(reply.meaning, reply.text)
            return Deferred(reply.meaning, reply.text, Reach.QUEUE)
        case _ if isinstance(error, BROKEN):
            return Deferred(_why_lost(error), reach=Reach.QUEUE)
        case smtplib.SMTPException() | ssl.SSLError():
            return Paused(NO_TLS if isinstance(error, ssl.SSLError) else NOT_OFFERED, str(error))
    return Deferred(SILENT if _timed_out(error) else UNREACHABLE, str(error), Reach.QUEUE)


def _why_lost(error: OSError) -> str:
    return SILENT if _timed_out(error) else LOST


def _timed_out(error: OSError) -> bool:
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _as_bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words
