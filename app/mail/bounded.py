"""An SMTP client whose every exchange ends in time, also with a server that drips its answers."""

import io
import smtplib
import socket
import time
from ssl import SSLContext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from typing_extensions import Buffer


class BoundedSMTP(smtplib.SMTP):
    """Ends what it waits for at a moment set by `allow`, however slowly the server goes on.

    smtplib's own time-out starts anew with every byte that comes. Past the moment, what waits
    raises TimeoutError, or SMTPServerDisconnected with it as its context.
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
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Answers(self, self.sock))
        return super().getreply()

    def send(self, s: "Buffer | str") -> None:  # the name is smtplib's
        if self.sock is not None:
            self.sock.settimeout(self.left())
        super().send(s)

    def starttls(self, *, context: SSLContext | None = None) -> tuple[int, bytes]:  # type: ignore[override]
        if self.sock is not None:
            self.sock.settimeout(self.left())
        return super().starttls(context=context)


class BoundedTlsSMTP(BoundedSMTP, smtplib.SMTP_SSL):
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
            self, host, port, local_hostname, timeout=timeout, context=context
        )


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
