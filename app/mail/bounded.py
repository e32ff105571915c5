"""An SMTP client whose every exchange ends in time, also with a server that drips its answers."""

import io
import smtplib
import socket
import time
from collections.abc import Callable
from ssl import SSLContext, SSLSocket, create_default_context
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from typing_extensions import Buffer

NOT_SMTP = -1
"""The code smtplib gives for an answer that does not begin with one."""
NEVER = 5  # the first digit of a reply


class BoundedSMTP(smtplib.SMTP):
    """Ends what it waits for at a moment set by `allow`, however slowly the server goes on.

    smtplib's own time-out starts anew with every byte that comes, and with every address of a
    name. Past the moment, what waits raises TimeoutError, or SMTPServerDisconnected with it as its
    context. Only the look-up of the server's name takes as long as the system's resolver lets it.
    """

    deadline = 0.0

    def __init__(self, host: str, port: int, local_hostname: str, *, timeout: float) -> None:
        self.allow(timeout)
        super().__init__(host, port, local_hostname, timeout=timeout)

    def allow(self, seconds: float) -> None:
        """Give what comes next so many seconds in all."""
        self.deadline = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises TimeoutError where none are."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    def getreply(self) -> tuple[int, bytes]:
        """Return the code and the words of an answer; the whole line where it is no SMTP."""
        if self.file is None and self.sock is not None:
            self.file = _Lines(_Answers(self, self.sock))
        lines = self.file
        try:
            code, words = super().getreply()
        except smtplib.SMTPResponseException:  # a line longer than any of SMTP's
            code = NOT_SMTP
        if code == NOT_SMTP and isinstance(lines, _Lines):
            words = lines.last.strip()
        return code, words

    def ehlo(self, name: str = "") -> tuple[int, bytes]:
        """Greet the server. Raises SMTPHeloError where it would take no HELO either."""
        code, words = super().ehlo(name)
        if code // 100 not in {2, NEVER}:
            raise smtplib.SMTPHeloError(code, words)
        return code, words

    def auth(
        self,
        mechanism: str,
        authobject: Callable[..., str],
        *,
        initial_response_ok: bool = True,
    ) -> tuple[int, bytes]:
        """Sign in one way; another is tried only where the server will never take this one."""
        try:
            return super().auth(mechanism, authobject, initial_response_ok=initial_response_ok)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code // 100 == NEVER:
                raise
            raise smtplib.SMTPResponseException(error.smtp_code, error.smtp_error) from error
        except UnicodeEncodeError as error:
            raise smtplib.SMTPException("user name or password outside ASCII") from error
        except ValueError as error:
            raise smtplib.SMTPServerDisconnected("nonsense for a challenge") from error

    def send(self, s: "Buffer | str") -> None:  # the name is smtplib's
        if self.sock is not None:
            self.sock.settimeout(self.left())
        super().send(s)

    def send_whole(self, content: bytes) -> None:
        """Send a mail. Where that breaks off, what the server said can still be read."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected
        self.sock.settimeout(self.left())
        self.sock.sendall(content)

    def starttls(self, *, context: SSLContext | None = None) -> tuple[int, bytes]:  # type: ignore[override]
        return super().starttls(context=_in_time(self, context))

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        """Try each address of the name, with an equal share of the time that is left."""
        failed = OSError(f"{host} has no address")
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError:  # no name can be written so
            raise failed from None
        for tried, (family, kind, protocol, _, address) in enumerate(addresses):
            connected = socket.socket(family, kind, protocol)
            try:
                connected.settimeout(self.left() / (len(addresses) - tried))
                connected.connect(address)
            except OSError as error:
                connected.close()
                failed = error
            else:
                return connected
        raise failed


class BoundedTlsSMTP(smtplib.SMTP_SSL, BoundedSMTP):
    """The same over TLS from the first byte."""

    def __init__(
        self,
        host: str,
        port: int,
        local_hostname: str,
        *,
        timeout: float,
        context: SSLContext | None,
    ) -> None:
        self.allow(timeout)
        smtplib.SMTP_SSL.__init__(
            self, host, port, local_hostname, timeout=timeout, context=_in_time(self, context)
        )


def _in_time(client: BoundedSMTP, context: SSLContext | None) -> SSLContext:
    return cast("SSLContext", _InTime(client, context or create_default_context()))


class _InTime:
    """The one thing smtplib asks of a TLS context: a handshake, within the client's time."""

    def __init__(self, client: BoundedSMTP, context: SSLContext) -> None:
        self.client = client
        self.context = context

    def wrap_socket(self, connected: socket.socket, server_hostname: str) -> SSLSocket:
        try:
            connected.settimeout(self.client.left())
            return self.context.wrap_socket(connected, server_hostname=server_hostname)
        except BaseException:
            connected.close()
            raise


class _Answers(io.RawIOBase):
    """Reads from the socket as long as the client's time lasts."""

    def __init__(self, client: BoundedSMTP, connected: socket.socket) -> None:
        self.client = client
        self.socket = connected

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self.socket.settimeout(self.client.left())
        return self.socket.recv_into(buffer)


class _Lines(io.BufferedReader):
    """Reads lines, and remembers the last one."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last
