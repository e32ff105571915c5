"""Can mail go out? Tries, step by step, what sending needs. Nothing is sent."""

import base64
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address

from dns.resolver import Resolver

from app.config import MailSettings
from app.mail.dkim import DkimSigner
from app.mail.finding import Check, Outcome, failed, not_checked, ok, warning
from app.mail.message import wire_address
from app.mail.published import check_domain
from app.mail.replies import NO_SMTPUTF8, Reply, on_one_line, with_words
from app.mail.transport import DONE, Deferred, SafeMail, why_not_open

LOCAL = (
    "MAIL_SERVER is not set: in local mode all mail stays on this machine. `couvert serve` shows"
    " it at /mailbox."
)
OFFERS = ("starttls", "auth", "size", "smtputf8", "pipelining")
CERTIFICATE_DAYS = 14
"""With fewer days left, whoever runs the server should be renewing its certificate by now."""


def check_mail(
    settings: MailSettings,
    mail: SafeMail,
    dkim: DkimSigner | None,
    *,
    resolver: Resolver,
    now: datetime,
    recipient: str = "",
) -> Iterator[Check]:
    """Yield each check as soon as it is done: the settings, the mail server, the domain in DNS.

    A step that needs one that failed is told as not checked. `recipient`, if given, is asked for.
    The conversation with the server ends before DATA.
    """
    if settings.local:
        yield ok("Settings", LOCAL)
        return
    yield _check_settings(settings)
    yield from _Trial(settings, mail, now, recipient).run()
    domain = wire_address(settings.sender).rpartition("@")[2].lower()
    yield from check_domain(domain, dkim, resolver)


def _check_settings(settings: MailSettings) -> Check:
    if bool(settings.username) != bool(settings.password):
        return warning(
            "Settings",
            "Only one of MAIL_USERNAME and MAIL_PASSWORD is set, so nobody signs in.",
            "Set both, or neither.",
        )
    tls = "TLS" if settings.use_ssl else "STARTTLS" if settings.use_tls else "no TLS"
    login = f"as {settings.username}" if settings.username else "without signing in"
    return ok(
        "Settings",
        f"{settings.server} port {settings.port}, {tls}, {login}, from {settings.sender}",
    )


class _Trial:
    """One conversation with the mail server, a step at a time."""

    def __init__(
        self, settings: MailSettings, mail: SafeMail, now: datetime, recipient: str
    ) -> None:
        self.settings = settings
        self.mail = mail
        self.now = now
        self.recipient = _on_the_wire(recipient) if recipient else ""
        self.sender = wire_address(settings.sender)
        self.connection = mail.connect()
        self.not_greeted: OSError | None = None
        self.offers_starttls = False

    def run(self) -> Iterator[Check]:
        stopped = False
        try:
            for step in STEPS if self.recipient else STEPS[:-1]:
                check = self._skip(step) if stopped else self._take(step)
                stopped = stopped or check.outcome is Outcome.FAILED
                yield check
        finally:
            self.connection.close()

    def _take(self, step: "_Step") -> Check:
        try:
            return step.take(self)
        except OSError as error:  # smtplib's own errors are OSErrors too
            outcome = why_not_open(error)
            later = isinstance(outcome, Deferred) and outcome.reply.startswith("4")
            mend = f"Try again in a few minutes. If it stays: {step.mend}" if later else step.mend
            return failed(step.name, with_words(outcome.reason, outcome.reply), mend)

    def _skip(self, step: "_Step") -> Check:
        return not_checked(step.name, "A step before it failed.")

    @property
    def host(self) -> smtplib.SMTP:
        if self.connection.host is None:
            raise smtplib.SMTPServerDisconnected
        return self.connection.host

    def resolve(self) -> Check:
        server = self.settings.server
        try:
            found = socket.getaddrinfo(server, self.settings.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError):
            raise OSError(f"{server} has no address") from None
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
        return ok("Server's name", f"{server} is at {', '.join(addresses)}")

    def connect(self) -> Check:
        try:
            self.connection.host = self.connection.connected()
        except (smtplib.SMTPException, ssl.SSLError) as error:
            self.not_greeted = error  # somebody listens there; what they say is the next step's
        return ok("Connection", f"Port {self.settings.port} answers.")

    def greet(self) -> Check:
        if self.not_greeted:
            raise self.not_greeted
        self.host.ehlo_or_helo_if_needed()
        self.offers_starttls = self.host.has_extn("starttls")
        return ok("Greeting", "The server greets us and takes our name.")

    def encrypt(self) -> Check:
        if self.settings.use_tls:
            self.host.starttls(context=self.mail.tls)
            self.host.ehlo()
        if isinstance(self.host.sock, ssl.SSLSocket):
            return _certificate(self.host.sock, self.now)
        return _in_the_clear(
            password=bool(self.settings.password), offers_starttls=self.offers_starttls
        )

    def list_offers(self) -> Check:
        offered = dict(self.host.esmtp_features)
        if self.offers_starttls:
            offered["starttls"] = ""  # after TLS it is not offered again
        has = [f"{name.upper()} {offered[name]}".strip() for name in OFFERS if name in offered]
        lacks = [name.upper() for name in OFFERS if name not in offered]
        told = f"{_listed(has)}; not offered: {_listed(lacks)}" if lacks else _listed(has)
        return ok("Offers", on_one_line(told))

    def sign_in(self) -> Check:
        username, password = self.settings.username, self.settings.password
        if not (username and password):
            return not_checked("Sign-in", "MAIL_USERNAME and MAIL_PASSWORD are not set.")
        try:
            self.host.login(username, password)
        except smtplib.SMTPResponseException as error:
            words = _without_secrets(error.smtp_error, username, password)
            raise smtplib.SMTPAuthenticationError(error.smtp_code, words) from None
        return ok("Sign-in", f"The server lets {username} in.")

    def ask_for_sender(self) -> Check:
        self._mail_from()
        self.host.rset()
        return ok("Sender", f"The server takes mail from {self.sender}.")

    def ask_for_recipient(self) -> Check:
        self._mail_from(utf8=not self.recipient.isascii())
        _expect_done(*self.host.rcpt(self.recipient))
        self.host.rset()
        return ok("Recipient", f"The server takes mail to {self.recipient}. Nothing was sent.")

    def _mail_from(self, *, utf8: bool = False) -> None:
        if utf8 and not self.host.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError(NO_SMTPUTF8)
        _expect_done(*self.host.mail(self.sender, ["SMTPUTF8", "BODY=8BITMIME"] if utf8 else []))


@dataclass(frozen=True)
class _Step:
    name: str
    take: Callable[[_Trial], Check]
    mend: str


STEPS = (
    _Step(
        "Server's name",
        _Trial.resolve,
        "Check how MAIL_SERVER is written, and whether this machine can ask a name server.",
    ),
    _Step(
        "Connection",
        _Trial.connect,
        "Check MAIL_SERVER and MAIL_PORT, and whether a firewall lets this machine reach that"
        " port; many networks close port 25.",
    ),
    _Step(
        "Greeting",
        _Trial.greet,
        "Check that a mail server for programs listens on MAIL_PORT: as a rule 587 with"
        " MAIL_USE_TLS=true, or 465 with MAIL_USE_SSL=true. Its certificate must name MAIL_SERVER;"
        " one of your own goes into MAIL_CA_FILE.",
    ),
    _Step(
        "Encryption",
        _Trial.encrypt,
        "MAIL_SERVER must be the name in the server's certificate; a certificate of your own goes"
        " into MAIL_CA_FILE. A server without STARTTLS may have TLS on port 465:"
        " MAIL_USE_SSL=true.",
    ),
    _Step("Offers", _Trial.list_offers, ""),
    _Step(
        "Sign-in",
        _Trial.sign_in,
        "Check MAIL_USERNAME and MAIL_PASSWORD; some providers want a password made for programs."
        " Some let nobody in before TLS: MAIL_USE_TLS=true.",
    ),
    _Step(
        "Sender",
        _Trial.ask_for_sender,
        "Ask who runs the server to let you send from this address, or set MAIL_DEFAULT_SENDER to"
        " one it takes.",
    ),
    _Step(
        "Recipient",
        _Trial.ask_for_recipient,
        "Check the address. If it is right, ask who runs the server to let you send to others'"
        " addresses (relaying).",
    ),
)


def _on_the_wire(address: str) -> str:
    username, _, domain = address.rpartition("@")
    return wire_address(Address(username=username, domain=domain))


def _certificate(encrypted: ssl.SSLSocket, now: datetime) -> Check:
    certificate = encrypted.getpeercert() or {}
    ends_at = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    ends = datetime.fromtimestamp(ends_at, UTC)
    days = (ends - now).days
    found = f"{encrypted.version()}, certificate verified, good until {ends:%Y-%m-%d} ({days} days)"
    if days < CERTIFICATE_DAYS:
        return warning(
            "Encryption", found, "Ask who runs the server to renew it: no mail goes out afterwards."
        )
    return ok("Encryption", found)


def _in_the_clear(*, password: bool, offers_starttls: bool) -> Check:
    if not password and not offers_starttls:
        return ok("Encryption", "None, and the server offers none: mails go to it in the clear.")
    what = "Mails and the password go" if password else "Mails go"
    if offers_starttls:
        return warning(
            "Encryption",
            f"{what} in the clear, though the server offers STARTTLS.",
            "Set MAIL_USE_TLS=true.",
        )
    return warning(
        "Encryption",
        f"{what} in the clear, and the server offers no STARTTLS on this port.",
        "Use a port with TLS: 587 with MAIL_USE_TLS=true, or 465 with MAIL_USE_SSL=true.",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _expect_done(code: int, words: bytes) -> None:
    if Reply(code, words).severity != DONE:
        raise smtplib.SMTPResponseException(code, words)


def _without_secrets(words: bytes | str, username: str, password: str) -> bytes:
    """Take the password out of a server's answer, should it repeat what it was told."""
    answer = words if isinstance(words, bytes) else words.encode()
    plain = f"\0{username}\0{password}".encode()
    for secret in (password.encode(), plain, *map(base64.b64encode, (plain, password.encode()))):
        answer = answer.replace(secret, b"***")
    return answer
