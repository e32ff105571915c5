"""A mail to one person, built once as the bytes that go over the wire."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.charset import SHORTEST, Charset
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, quote
from functools import lru_cache
from hashlib import sha256

import flask_mail
import idna

FOLD_AT = 78  # RFC 5322, 2.1.1: a line should not be longer
LONGEST_LINE = 998  # and must not be longer than this
LONGEST_WORD = 75  # RFC 2047, 2: an encoded word

HEADER_NAME = re.compile(r"[!-9;-~]+")
MESSAGE_ID = re.compile(r"[\x21-\x7e]+@[\x21-\x7e]+")
DOMAIN = re.compile(r"[A-Za-z0-9._-]+|\[[A-Za-z0-9.:]+\]")
METHOD = re.compile("[A-Z]+")
FILE_NAME = re.compile(r"[A-Za-z0-9._-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
FOLDED = re.compile(r"\r\n[ \t]+")
BUILT_IN = {"from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id"}

UTF8 = Charset("utf-8")
UTF8.header_encoding = SHORTEST


@dataclass(frozen=True)
class CalendarFile:
    """A whole iCalendar object, its METHOD, and the name of the file."""

    content: bytes
    method: str
    name: str
    entry_id: int = 0
    sequence: int = 0
    """What of ours it tells, for those who keep account of it; nothing here reads the two."""


class MailMessage(flask_mail.Message):
    """A mail to one recipient: text and HTML, and perhaps calendar objects.

    `message_id` comes without its angle brackets. A single calendar object goes in as an
    alternative, which calendars read, and as a file, for those who must open it. Of several each is
    a part of its own (RFC 6047 2.4 and 4.5): an alternative can have but one. `secret` are words of
    the text that no copy of the mail may keep, `text_id` the row of the words it is written in.
    Everything is checked when the message is made: a line break in a header, an address that
    cannot be written, or a header the message writes itself raises ValueError.
    """

    text_id: int | None = None
    """Row id of the organiser's own words it is written in; none for the product's."""

    def __init__(
        self,
        *,
        to: Address,
        sender: Address,
        subject: str,
        text: str,
        html: str,
        message_id: str,
        date: datetime,
        reply_to: Address | None = None,
        headers: Mapping[str, str] | None = None,
        calendars: Sequence[CalendarFile] = (),
        secret: str = "",
    ) -> None:
        self._set_envelope(to, sender, reply_to)
        self._set_unused()
        self.subject = subject
        self.body = text
        self.alts = {"html": html}
        self.date = date.timestamp()
        self.msgId = f"<{_checked(message_id, MESSAGE_ID)}>"
        self.extra_headers = dict(headers or {})
        self.calendars = tuple(calendars)
        self.secret = secret
        lines = [
            *_address_lines({"From": sender, "To": to, "Reply-To": reply_to}),
            _text_line("Subject", subject),
            f"Date: {_rfc5322_date(date)}",
            f"Message-ID: {self.msgId}",
            *_extra_lines(self.extra_headers),
            "MIME-Version: 1.0",
        ]
        only = self.calendars[0] if len(self.calendars) == 1 else None
        parts = [_alternative(text, html, only)]
        parts += [_attached(only)] if only else map(_calendar_part, self.calendars)
        self._content = _head(lines) + _only_or_mixed(parts)
        self.is_signed = False

    def sign(self, signed: Callable[[bytes], bytes]) -> None:
        """Let `signed` put a signature before the mail: once, when it is made, for every reading.

        Raises RuntimeError the second time.
        """
        if self.is_signed:
            raise RuntimeError("The mail is signed already.")
        self._content, self.is_signed = signed(self._content), True

    def as_bytes(self) -> bytes:
        return self._content

    def as_string(self) -> str:
        return self._content.decode()

    def header_lines(self) -> str:
        """Return the header as it goes out, a field on each line."""
        head = self._content.partition(b"\r\n\r\n")[0].decode()
        return FOLDED.sub(" ", head).replace("\r\n", "\n")

    def _set_envelope(self, to: Address, sender: Address, reply_to: Address | None) -> None:
        recipient, envelope_from = wire_address(to), wire_address(sender)
        answers_to = wire_address(reply_to) if reply_to else None
        self.recipients = [recipient]
        self.sender = envelope_from
        self.reply_to = answers_to
        self.utf8 = not f"{recipient}{envelope_from}{answers_to}".isascii()
        self.mail_options = ["SMTPUTF8", "BODY=8BITMIME"] if self.utf8 else []

    def _set_unused(self) -> None:
        # flask_mail's own __init__ would set these, but asks the name server for this machine's
        # name while doing so, for every message.
        self.cc, self.bcc, self.attachments, self.rcpt_options = [], [], [], []
        self.charset = "utf-8"

    def _message(self) -> EmailMessage:  # type: ignore[override]  # the older class has no use here
        return message_from_bytes(self._content, policy=policy.SMTP)


def wire_address(address: Address) -> str:
    """Return the address as SMTP takes it, an international domain in its ASCII form.

    Raises ValueError where it has no local part or domain, or cannot be written in a command.
    """
    return _wire_spec(address.username, address.domain)


@lru_cache(maxsize=512)
def _wire_spec(username: str, domain: str) -> str:
    if not domain.isascii():
        domain = idna.encode(domain, uts46=True).decode("ascii")
    if not username or CONTROL.search(username):
        raise ValueError(f"{username + '@' + domain!r} is not an address mail can be sent to.")
    return Address(username=username, domain=_checked(domain, DOMAIN)).addr_spec


def _checked(value: str, allowed: re.Pattern[str]) -> str:
    if not allowed.fullmatch(value):
        raise ValueError(f"{value!r} cannot be written in a mail.")
    return value


def _rfc5322_date(date: datetime) -> str:
    if date.utcoffset() is None:
        raise ValueError("The date of a mail needs a time zone.")
    return format_datetime(date)


def _head(lines: Sequence[str]) -> bytes:
    head = "\r\n".join(lines) + "\r\n"
    encoded = head.encode()
    if any(len(line) > LONGEST_LINE for line in encoded.split(b"\r\n")):
        raise ValueError("A header of this mail has a word too long to be sent.")
    return encoded


def _extra_lines(headers: Mapping[str, str]) -> list[str]:
    for name in headers:
        _checked(name, HEADER_NAME)
        if name.lower() in BUILT_IN or name.lower().startswith(("content-", "mime-")):
            raise ValueError(f"{name} is written by the message itself.")
    return [_text_line(name, value) for name, value in headers.items()]


def _address_lines(addresses: Mapping[str, Address | None]) -> list[str]:
    return [_mailbox_line(name, address) for name, address in addresses.items() if address]


def _text_line(name: str, text: str) -> str:
    return f"{name}: {_encoded_text(name, text)}"


def _mailbox_line(name: str, address: Address) -> str:
    spec = wire_address(address)
    if not address.display_name:
        return f"{name}: {spec}"
    line = f"{name}: {_encoded_phrase(name, address.display_name)}"
    width = len(line) - line.rfind("\n") + len(spec) + 2
    return f"{line} <{spec}>" if width <= FOLD_AT else f"{line}\r\n <{spec}>"


@lru_cache(maxsize=512)
def _encoded_phrase(name: str, phrase: str) -> str:
    if _is_plain(phrase):
        return f'"{quote(phrase)}"'
    return _encoded_words(name, phrase)


@lru_cache(maxsize=512)
def _encoded_text(name: str, text: str) -> str:
    if not _is_plain(text):
        return _encoded_words(name, text)
    if len(name) + 2 + len(text) <= FOLD_AT:
        return text
    return Header(text, "us-ascii", header_name=name).encode(linesep="\r\n")


def _encoded_words(name: str, text: str) -> str:
    word = UTF8.header_encode(text)
    if len(name) + len(": ") + len(word) <= LONGEST_WORD:
        return word
    return Header(text, UTF8, header_name=name).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    """Whether a header can hold the text as it is; one that looks encoded must be encoded."""
    if CONTROL.search(text):
        raise ValueError(f"{text!r} has a line break or control character in it.")
    return text.isascii() and "=?" not in text


def _alternative(text: str, html: str, calendar: CalendarFile | None) -> bytes:
    parts = [_text_part("plain", text), _text_part("html", html)]
    if calendar is not None:
        parts.append(_part(_calendar_type(calendar), calendar.content))
    return _multipart("alternative", parts)


def _calendar_type(calendar: CalendarFile) -> str:
    return f'text/calendar; charset="utf-8"; method={_checked(calendar.method, METHOD)}'


def _only_or_mixed(parts: list[bytes]) -> bytes:
    return parts[0] if len(parts) == 1 else _multipart("mixed", parts)


def _text_part(subtype: str, text: str) -> bytes:
    # Bytes are split at CR, LF and CRLF only; a string would be at more.
    lines = text.encode().rstrip(b"\r\n").splitlines() or [b""]
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode("ascii") + b"".join(map(_quoted_line, lines))


@lru_cache(maxsize=512)  # most lines of a mail are those of the mail before
def _quoted_line(line: bytes) -> bytes:
    # With its line end: from the first one binascii takes how to write its own.
    return binascii.b2a_qp(line + b"\r\n", istext=True)


def _attached(calendar: CalendarFile) -> bytes:
    name = _checked(calendar.name, FILE_NAME)
    return _part(f'application/ics; name="{name}"', calendar.content, _as_file(name))


def _calendar_part(calendar: CalendarFile) -> bytes:
    name = _checked(calendar.name, FILE_NAME)
    return _part(f'{_calendar_type(calendar)}; name="{name}"', calendar.content, _as_file(name))


def _as_file(name: str) -> str:
    return f'Content-Disposition: attachment; filename="{name}"\r\n'


def _part(content_type: str, content: bytes, more: str = "") -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return head.encode("ascii") + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    # "=_" stands in no quoted-printable or base64 content, so it cannot end a part early.
    boundary = b"=_" + sha256(b"".join(parts)).hexdigest()[:24].encode("ascii")
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n' % (subtype.encode(), boundary)
    body = b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts)
    return head + body + b"--%b--\r\n" % boundary
