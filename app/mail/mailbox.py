"""The local mailbox: takes the mails of a trial run over SMTP, keeps them as files, reads them."""

import os
import re
import secrets
from asyncio import Server
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import HeaderParser
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
TIMESTAMP = "%Y%m%dT%H%M%S%fZ"
MAIL_ID = re.compile(r"(\d{8}T\d{12}Z)-[0-9a-f]{8}")
BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class NoSuchMail(LookupError):
    """The mailbox has no mail, or the mail no attachment, of that name."""


@dataclass(frozen=True)
class MailSummary:
    id: str
    received: datetime
    sender: str
    recipient: str
    subject: str
    has_attachments: bool


@dataclass(frozen=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class AttachmentSummary:
    index: int
    name: str
    content_type: str
    size: int


@dataclass(frozen=True)
class StoredMail:
    summary: MailSummary
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    source: str
    attachments: tuple[AttachmentSummary, ...]


class Mailbox:
    """An SMTP server on this machine, on a port of the system's choice, that delivers to a folder.

    `clock` tells when a mail came. What is in the folder stays there over restarts.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self.clock = clock
        self.controller: _Controller | None = None

    @property
    def port(self) -> int:
        if self.controller is None:
            raise RuntimeError("The mailbox has not been started.")
        port: int = self.controller.port
        return port

    def start(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.controller = _Controller(
            self,
            hostname=LOOPBACK,
            port=0,
            enable_SMTPUTF8=True,
            server_hostname="localhost",  # else it asks the name server for this machine's name
        )
        self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        mail_id = store_mail(self.folder, content, received=self.clock())
        return f"250 2.0.0 Ok: kept as {mail_id}"


class _Controller(Controller):
    """Listens on a port the system chooses; aiosmtpd's own would go on to call port 0."""

    def _trigger_server(self) -> None:
        if isinstance(self.server, Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def store_mail(folder: Path, content: bytes, *, received: datetime) -> str:
    """Keep the mail, readable by its owner only, and return its id; whoever lists sees it whole."""
    mail_id = f"{received.astimezone(UTC).strftime(TIMESTAMP)}-{secrets.token_hex(4)}"
    unfinished = folder / f".{mail_id}"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(_path(folder, mail_id))
    return mail_id


def list_mails(folder: Path, *, limit: int = 200) -> list[MailSummary]:
    """Return the newest mails of the folder, newest first; none where there is no folder."""
    ids = sorted((path.stem for path in folder.glob("*.eml")), reverse=True)
    kept = [mail_id for mail_id in ids if MAIL_ID.fullmatch(mail_id)]
    return [_summary(mail_id, _head(_content(folder, mail_id))) for mail_id in kept[:limit]]


def read_mail(folder: Path, mail_id: str) -> StoredMail:
    """Return the whole mail. Raises NoSuchMail."""
    content = _content(folder, mail_id)
    head, mail = _head(content), _parsed(content)
    return StoredMail(
        summary=_summary(mail_id, head),
        headers=tuple((name, str(value)) for name, value in head.items()),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
        source=content.decode("utf-8", "replace"),
        attachments=tuple(
            AttachmentSummary(index, file.name, file.content_type, len(file.content))
            for index, file in enumerate(_attachments(mail))
        ),
    )


def attachment(folder: Path, mail_id: str, index: int) -> Attachment:
    """Return one file of the mail, counted from 0. Raises NoSuchMail."""
    for number, file in enumerate(_attachments(_parsed(_content(folder, mail_id)))):
        if number == index:
            return file
    raise NoSuchMail(f"{mail_id} has no attachment {index}.")


def _path(folder: Path, mail_id: str) -> Path:
    if not MAIL_ID.fullmatch(mail_id):
        raise NoSuchMail("That is not the id of a mail.")
    return folder / f"{mail_id}.eml"


def _content(folder: Path, mail_id: str) -> bytes:
    try:
        return _path(folder, mail_id).read_bytes()
    except FileNotFoundError as error:
        raise NoSuchMail(f"There is no mail {mail_id}.") from error


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def _head(content: bytes) -> EmailMessage:
    # From text: addresses of SMTPUTF8 are plain UTF-8, which the parser of bytes does not decode.
    head = BLANK_LINE.split(content, maxsplit=1)[0].decode("utf-8", "replace")
    return HeaderParser(EmailMessage, policy=policy.default).parsestr(head)


def _summary(mail_id: str, head: EmailMessage) -> MailSummary:
    written = mail_id.partition("-")[0]
    return MailSummary(
        id=mail_id,
        received=datetime.strptime(written, TIMESTAMP).replace(tzinfo=UTC),
        sender=str(head["From"] or ""),
        recipient=str(head["To"] or ""),
        subject=str(head["Subject"] or ""),
        has_attachments=head.get_content_type() == "multipart/mixed",
    )


def _body(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""


def _attachments(mail: EmailMessage) -> Iterator[Attachment]:
    for part in mail.iter_attachments():
        payload = part.get_payload(decode=True)
        yield Attachment(
            name=part.get_filename() or "attachment",
            content_type=part.get_content_type(),
            content=payload if isinstance(payload, bytes) else b"",
        )
