"""A real SMTP server that fails on purpose, at the step and in the way a test asks for.

Run as a program it is a sink for measurements, a fast one, or one that takes as many seconds for
each mail as its argument says. It prints its port, and the number of mails it has taken when its
standard input is closed.
"""

import base64
import re
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Signed by nobody: good for a client that is told to trust it, bad for any other."""
STRANGER = CERTIFICATE.with_name("stranger.pem")
"""Another, which no client is told to trust."""

EXTENSIONS = ("8BITMIME", "SMTPUTF8", "SIZE 33554432")
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)
END_OF_DATA = b"\r\n.\r\n"


class Step(StrEnum):
    LISTEN = "connection"
    """Before the greeting: see `go_away`."""
    CONNECT = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    HANDSHAKE = "TLS handshake"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "content"
    """While the content comes in: after a reply the rest is taken in, but for a 421."""
    DOT = "dot"
    """The answer to the final dot. The mail counts as taken if `taken` says so."""
    AFTER = "between two mails"
    """As soon as the mail has been accepted."""
    QUIT = "QUIT"
    RSET = "RSET"


DROP = "drop"
SILENT = "silent"


@dataclass(frozen=True)
class Fault:
    """At this step do this: DROP, SILENT, a reply such as '451 4.3.0 Later', or only a delay.

    `drip` is the pause between two bytes of that reply, or else of the usual one. It holds for
    every message, or for those numbered in `messages` (from 1, in order of MAIL), or for one
    `recipient` or `@domain`; `times` says how often at most. `taken` keeps the mail although the
    answer to the final dot fails.
    """

    step: Step
    act: str = ""
    messages: frozenset[int] = frozenset()
    recipient: str = ""
    delay: float = 0
    drip: float = 0
    times: int = sys.maxsize
    taken: bool = False


@dataclass(frozen=True)
class Received:
    """A mail the server has taken."""

    sender: str
    recipient: str
    content: bytes
    message_id: str
    connection: int


class Gone(Exception):
    """This connection is over."""


class FaultServer:
    """Listens on 127.0.0.1 while the `with` block lasts; `script` says what goes wrong."""

    def __init__(
        self,
        script: Sequence[Fault] = (),
        *,
        starttls: bool = False,
        tls: bool = False,
        password: str = "",
        extensions: Sequence[str] = EXTENSIONS,
        keep: bool = True,
        narrow: bool = False,
        most_connections: int = sys.maxsize,
        mails_per_connection: int = sys.maxsize,
    ) -> None:
        """Set what it offers; `narrow` keeps a mail from lying in the network's buffers whole."""
        self.script, self.extensions = list(script), list(extensions)
        self.starttls, self.tls, self.password = starttls, tls, password
        self.keep, self.narrow = keep, narrow
        self.certificate, self.withheld = CERTIFICATE, ""
        self.most_connections, self.mails_per_connection = most_connections, mails_per_connection
        self.messages: list[Received] = []
        self.steps: list[str] = []
        self.connections = self.mails_begun = self.taken = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.fired: dict[int, int] = {}
        self.open_sockets: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self.listener = self._listen(0)
        self.port: int = self.listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        if self.narrow:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        return listener

    def hang_up(self) -> None:
        """Break every connection that is open."""
        for opened in self.open_sockets:
            _shut(opened)

    def go_away(self, *, deaf: bool = False) -> None:
        """Refuse connections from now on, or where `deaf` do not even answer who knocks."""
        _shut(self.listener)
        self.hang_up()
        if deaf:
            self.listener = socket.create_server(("127.0.0.1", self.port), backlog=0)
            # Who knocks while its queue is full gets no answer from the system.
            self.open_sockets += [_knock(self.port) for _ in range(2)]

    def come_back(self) -> None:
        """Take connections again, after `go_away`."""
        self.go_away()
        self.listener = self._listen(self.port)
        self._start(self._accept)

    def __exit__(self, *details: object) -> None:
        self.closing.set()
        self.go_away()
        for thread in self.threads:
            thread.join(5)

    def fault(self, step: Step, *, message: int, recipient: str) -> Fault | None:
        """Return the first fault of the script that holds now, and count it."""
        with self.lock:
            for index, fault in enumerate(self.script):
                if (
                    fault.step == step
                    and (not fault.messages or message in fault.messages)
                    and recipient.endswith(fault.recipient)
                    and self.fired.get(index, 0) < fault.times
                ):
                    self.fired[index] = self.fired.get(index, 0) + 1
                    return fault
        return None

    @property
    def connected(self) -> int:
        return sum(opened.fileno() >= 0 for opened in self.open_sockets)

    def begin_mail(self) -> int:
        with self.lock:
            self.mails_begun += 1
            return self.mails_begun

    def take(self, received: Received) -> None:
        with self.lock:
            self.taken += 1
            if self.keep:
                self.messages.append(received)

    def _accept(self) -> None:
        listener = self.listener
        while not self.closing.is_set():
            try:
                opened, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open_sockets.append(opened)
            self._start(Conversation(self, opened, self.connections).run)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self.threads.append(thread)
        thread.start()


class Conversation:
    """One connection: reads commands, answers them, or fails as the script says."""

    def __init__(self, server: FaultServer, opened: socket.socket, number: int) -> None:
        self.server = server
        self.socket = opened
        self.number = number
        self.buffer = b""
        self.message = self.mails = 0
        self.sender = self.recipient = ""
        self.finished = False

    def run(self) -> None:
        with suppress(Gone, OSError):
            if self.server.tls:
                self._go_over_to_tls()
            if self.server.connected > self.server.most_connections:
                self._say("421 4.7.0 Too many connections")
                raise Gone
            self._answer(Step.CONNECT, "220 fault server")
            while not self.finished:
                self._obey(self._read_until(b"\r\n").decode())
        _shut(self.socket)

    def _obey(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        self.server.steps.append(verb.upper())
        obey = getattr(self, f"_obey_{verb.lower()}", None)
        if obey is None:
            self._say("502 5.5.1 Not known")
        else:
            obey(rest)

    def _obey_ehlo(self, _rest: str) -> None:
        offered = list(self.server.extensions)
        if self.server.starttls and not isinstance(self.socket, ssl.SSLSocket):
            offered.append("STARTTLS")
        if self.server.password:
            offered.append("AUTH PLAIN")
        if self.server.withheld:
            offered = [each for each in offered if not each.startswith(self.server.withheld)]
        *lines, last = "fault server", *offered
        self._answer(Step.EHLO, "".join(f"250-{line}\r\n" for line in lines) + f"250 {last}")

    def _obey_helo(self, _rest: str) -> None:
        self._answer(Step.EHLO, "250 fault server")

    def _obey_starttls(self, _rest: str) -> None:
        if self._answer(Step.STARTTLS, "220 Go ahead"):
            self._go_over_to_tls()

    def _obey_auth(self, rest: str) -> None:
        _, _, password = base64.b64decode(rest.removeprefix("PLAIN ")).split(b"\0")
        if password.decode() == self.server.password:
            self._answer(Step.AUTH, "235 2.7.0 Welcome")
        else:
            self._say("535 5.7.8 Wrong user name or password")

    def _obey_mail(self, rest: str) -> None:
        self.message = self.server.begin_mail()
        self.sender = _address(rest)
        self.mails += 1
        if self.mails > self.server.mails_per_connection:
            self._say("421 4.7.0 Too many mails in one connection")
            raise Gone
        self._answer(Step.MAIL, "250 2.1.0 Ok")

    def _obey_rcpt(self, rest: str) -> None:
        self.recipient = _address(rest)
        self._answer(Step.RCPT, "250 2.1.5 Ok")

    def _obey_data(self, _rest: str) -> None:
        if self._answer(Step.DATA, "354 Go ahead"):
            answered = self._fail_amid_content()
            content = self._read_until(END_OF_DATA) + b"\r\n"
            if not answered:
                self._take(content)

    def _fail_amid_content(self) -> bool:
        """Tell whether the mail has been answered before it was there."""
        if not (fault := self._fault(Step.CONTENT)):
            return False
        self.buffer += self.socket.recv(1000)
        answered = self._act(fault)
        if self.finished:
            raise Gone
        return answered

    def _take(self, content: bytes) -> None:
        fault = self._fault(Step.DOT)
        if fault is None or fault.taken or not fault.act:
            self._keep(content.replace(b"\r\n..", b"\r\n."))
        if fault is None or not self._act(fault):
            self._say(f"250 2.0.0 Ok: queued as {self.server.taken}", fault)
            if after := self._fault(Step.AFTER):
                self._act(after)

    def _keep(self, content: bytes) -> None:
        found = MESSAGE_ID.search(content)
        message_id = found[1].decode() if found else ""
        self.server.take(Received(self.sender, self.recipient, content, message_id, self.number))

    def _obey_rset(self, _rest: str) -> None:
        self._answer(Step.RSET, "250 2.0.0 Ok")

    def _obey_noop(self, _rest: str) -> None:
        self._say("250 2.0.0 Ok")

    def _obey_quit(self, _rest: str) -> None:
        self.finished = True
        self._answer(Step.QUIT, "221 2.0.0 Bye")

    def _fault(self, step: Step) -> Fault | None:
        return self.server.fault(step, message=self.message, recipient=self.recipient)

    def _answer(self, step: Step, reply: str) -> bool:
        """Answer, unless the script has a fault for this step; tell whether all went well."""
        fault = self._fault(step)
        if fault and self._act(fault):
            return False
        self._say(reply, fault)
        return True

    def _act(self, fault: Fault) -> bool:
        """Do what the script says; False for a mere delay."""
        if self.server.closing.wait(fault.delay) or fault.act == DROP:
            raise Gone
        if fault.act == SILENT:
            self.server.closing.wait()
            raise Gone
        if fault.act:
            self._say(fault.act, fault)
            self.finished = fault.act.startswith("421")
        return bool(fault.act)

    def _say(self, reply: str, fault: Fault | None = None) -> None:
        said = reply.encode() + b"\r\n"
        if fault is None or not fault.drip:
            self.socket.sendall(said)
            return
        for byte in said:
            self.socket.sendall(bytes([byte]))
            if self.server.closing.wait(fault.drip):
                raise Gone

    def _read_until(self, end: bytes) -> bytes:
        searched = 0
        while (found := self.buffer.find(end, searched)) < 0:
            searched = max(0, len(self.buffer) - len(end))
            received = self.socket.recv(65536)
            if not received:
                raise Gone
            self.buffer += received
        read, self.buffer = self.buffer[:found], self.buffer[found + len(end) :]
        return read

    def _go_over_to_tls(self) -> None:
        if fault := self._fault(Step.HANDSHAKE):
            self.socket.recv(10)
            self._act(fault)
            raise Gone
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.server.open_sockets.append(self.socket)
        self.buffer = b""


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


def _knock(port: int) -> socket.socket:
    knocking = socket.socket()
    knocking.settimeout(0)
    knocking.connect_ex(("127.0.0.1", port))
    return knocking


def _shut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
    opened.close()


def main() -> None:
    pace = float(sys.argv[1]) if len(sys.argv) > 1 else 0.0
    script = [Fault(Step.DOT, delay=pace)] if pace else []
    with FaultServer(script, keep=False) as server:
        sys.stdout.write(f"port {server.port}\n")
        sys.stdout.flush()
        sys.stdin.read()
        sys.stdout.write(f"messages {server.taken}\n")


if __name__ == "__main__":
    main()
