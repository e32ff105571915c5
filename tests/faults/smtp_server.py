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

EXTENSIONS = ("8BITMIME", "SMTPUTF8", "SIZE 33554432")
MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)
END_OF_DATA = b"\r\n.\r\n"


class Step(StrEnum):
    CONNECT = "connect"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "content"
    """While the content comes in; only DROP and SILENT make sense."""
    DOT = "dot"
    """The answer to the final dot. The mail counts as taken if `taken` says so."""
    AFTER = "after"
    """As soon as the mail has been accepted."""
    QUIT = "QUIT"
    RSET = "RSET"


DROP = "drop"
SILENT = "silent"


@dataclass(frozen=True)
class Fault:
    """At this step do this: DROP, SILENT, a reply such as '451 4.3.0 Later', or only a delay.

    It holds for every message, or for those numbered in `messages` (from 1, in order of MAIL), or
    for one `recipient`; `times` says how often at most. `taken` keeps the mail although the
    answer to the final dot fails.
    """

    step: Step
    act: str = ""
    messages: frozenset[int] = frozenset()
    recipient: str = ""
    delay: float = 0
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
    ) -> None:
        self.script = list(script)
        self.starttls, self.tls, self.password = starttls, tls, password
        self.extensions = list(extensions)
        self.keep = keep
        self.taken = 0
        self.messages: list[Received] = []
        self.steps: list[str] = []
        self.connections = 0
        self.mails_begun = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.fired: dict[int, int] = {}
        self.open_sockets: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *details: object) -> None:
        self.closing.set()
        _shut(self.listener)
        for opened in self.open_sockets:
            _shut(opened)
        for thread in self.threads:
            thread.join(5)

    def fault(self, step: Step, *, message: int, recipient: str) -> Fault | None:
        """Return the first fault of the script that holds now, and count it."""
        with self.lock:
            for index, fault in enumerate(self.script):
                if (
                    fault.step == step
                    and (not fault.messages or message in fault.messages)
                    and fault.recipient in {"", recipient}
                    and self.fired.get(index, 0) < fault.times
                ):
                    self.fired[index] = self.fired.get(index, 0) + 1
                    return fault
        return None

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
        while not self.closing.is_set():
            try:
                opened, _ = self.listener.accept()
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
        self.message = 0
        self.sender = self.recipient = ""
        self.finished = False

    def run(self) -> None:
        with suppress(Gone, OSError):
            if self.server.tls:
                self._go_over_to_tls()
            self._answer(Step.CONNECT, "220 fault server")
            while not self.finished:
                self._obey(self._read_until(b"\r\n").decode())
        self.socket.close()

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
        self._answer(Step.MAIL, "250 2.1.0 Ok")

    def _obey_rcpt(self, rest: str) -> None:
        self.recipient = _address(rest)
        self._answer(Step.RCPT, "250 2.1.5 Ok")

    def _obey_data(self, _rest: str) -> None:
        if self._answer(Step.DATA, "354 Go ahead"):
            self._fail_amid_content()
            self._take(self._read_until(END_OF_DATA) + b"\r\n")

    def _fail_amid_content(self) -> None:
        fault = self._fault(Step.CONTENT)
        if fault:
            self.socket.recv(1000)
            self._act(fault)

    def _take(self, content: bytes) -> None:
        fault = self._fault(Step.DOT)
        if fault is None or fault.taken or not fault.act:
            self._keep(content.replace(b"\r\n..", b"\r\n."))
        if fault is None or not self._act(fault):
            self._say(f"250 2.0.0 Ok: queued as {self.server.taken}")
            self._after()

    def _after(self) -> None:
        fault = self._fault(Step.AFTER)
        if fault:
            self._act(fault)

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
        self._say(reply)
        return True

    def _act(self, fault: Fault) -> bool:
        """Do what the script says; False for a mere delay."""
        if self.server.closing.wait(fault.delay) or fault.act == DROP:
            raise Gone
        if fault.act == SILENT:
            self.server.closing.wait()
            raise Gone
        if fault.act:
            self._say(fault.act)
            self.finished = fault.act.startswith("421")
        return bool(fault.act)

    def _say(self, reply: str) -> None:
        self.socket.sendall(reply.encode() + b"\r\n")

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
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.server.open_sockets.append(self.socket)
        self.buffer = b""


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


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
