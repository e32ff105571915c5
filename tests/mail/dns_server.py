"""A name server of the test's own: it answers TXT questions over UDP, or is silent."""

import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.rdatatype import TXT
from dns.resolver import Resolver

LONGEST_STRING = 255  # RFC 1035, 3.3: a longer text is several strings
Records = Mapping[str, Sequence[str]]


class NameServer:
    """Serves `records` (name -> texts) on 127.0.0.1 while the `with` block lasts."""

    def __init__(self, records: Records, *, silent: bool = False, broken: bool = False) -> None:
        self.records = records
        self.silent, self.broken = silent, broken
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes recvfrom
        self.thread.join(5)
        self.socket.close()

    def resolver(self, *, patience: float = 2.0) -> Resolver:
        """Return a resolver that asks this server, and no other."""
        resolver = Resolver(configure=False)
        host, resolver.port = self.socket.getsockname()
        resolver.nameservers = [host]
        resolver.timeout = resolver.lifetime = patience
        return resolver

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                wire, sender = self.socket.recvfrom(4096)
                if not wire:
                    return
                question = dns.message.from_wire(wire)
                self.asked.append(question.question[0].name.to_text(omit_final_dot=True))
                if not self.silent:
                    self.socket.sendto(self._answer(question).to_wire(), sender)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        texts = self.records.get(self.asked[-1])
        if self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif texts is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif texts:
            name = question.question[0].name
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", TXT, *map(_quoted, texts)))
        return answer


def _quoted(text: str) -> str:
    pieces = [text[start : start + LONGEST_STRING] for start in range(0, len(text), LONGEST_STRING)]
    return " ".join(f'"{piece}"' for piece in pieces)
