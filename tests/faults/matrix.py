"""The table of faults in `docs/sending.md`, read, and done to a server of the tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path

from app.deliveries.models import DeliveryState
from tests.faults.smtp_server import CERTIFICATE, DROP, SILENT, STRANGER, Fault, FaultServer, Step

PAGE = Path(__file__).parents[2] / "docs" / "sending.md"
HEADING = "## What each fault does"
WORDS = "in the server's own words"
REPLY = re.compile(r"answers `(.+)`")
SLOW_SECONDS = 0.002
"""Between two bytes: no answer of the server takes half a second."""


class Way(StrEnum):
    """How a step can go wrong."""

    LATER = "answers 4xx"
    NEVER = "answers 5xx"
    CLOSING = "answers 421"
    NONSENSE = "answers what is not SMTP"
    DROP = "breaks the connection"
    SILENT = "is silent"
    SLOW = "drips its answer in time"
    ENDLESS = "drips its answer beyond the time-out"
    REFUSED = "refuses it"
    NOT_OFFERED = "does not offer it"
    BAD_CERTIFICATE = "shows a certificate nobody vouches for"


OF_ANSWERS = frozenset(Way) - {Way.REFUSED, Way.NOT_OFFERED, Way.BAD_CERTIFICATE}
WAYS: dict[Step, frozenset[Way]] = {
    **dict.fromkeys(Step, OF_ANSWERS),
    Step.LISTEN: frozenset({Way.REFUSED, Way.SILENT}),
    Step.STARTTLS: OF_ANSWERS | {Way.NOT_OFFERED},
    Step.HANDSHAKE: frozenset({Way.DROP, Way.SILENT, Way.NONSENSE, Way.BAD_CERTIFICATE}),
    Step.AUTH: OF_ANSWERS | {Way.NOT_OFFERED},
    Step.CONTENT: OF_ANSWERS - {Way.SLOW, Way.ENDLESS, Way.NONSENSE},
    Step.AFTER: frozenset({Way.CLOSING, Way.DROP, Way.NONSENSE}),
}
"""Every fault the server can make: each has its row in the table."""

OPENING = frozenset(
    {Step.LISTEN, Step.CONNECT, Step.EHLO, Step.STARTTLS, Step.HANDSHAKE, Step.AUTH}
)
ON_A_FRESH_CONNECTION = OPENING | {Step.CONTENT}
"""The longer a connection is used, the more of a mail lies in the network's buffers."""
WAITS_FOR_US = frozenset({Way.SILENT, Way.ENDLESS})


class Others(StrEnum):
    GO_ON = "go on"
    PROVIDER = "those to the same provider wait after the fifth"
    ALL_AT_ONCE = "all wait; alarm at once"
    ALL_LATER = "all wait; alarm after 5 minutes"


@dataclass(frozen=True)
class Row:
    """One fault, and what is promised of it."""

    step: Step
    server: str
    state: DeliveryState
    others: Others
    reason: str

    def __str__(self) -> str:
        return f"{self.step}: {self.server}"

    @property
    def reply(self) -> str:
        """What the server answers in place of the usual; empty where it answers nothing else."""
        found = REPLY.fullmatch(self.server)
        return f"{found[1]} {WORDS}" if found else ""

    @property
    def way(self) -> Way:
        if not self.reply:
            return Way(self.server)
        if self.reply.startswith("421"):
            return Way.CLOSING
        return {"4": Way.LATER, "5": Way.NEVER}.get(self.reply[0], Way.NONSENSE)

    @property
    def waits(self) -> bool:
        """Whether the fault costs the worker its time-out."""
        return self.way in WAITS_FOR_US

    @property
    def words_kept(self) -> str | None:
        """The words the log must have of it; None where the system's own stand there."""
        if self.state is DeliveryState.SENT or self.step in {Step.LISTEN, Step.HANDSHAKE}:
            return None
        if self.step is Step.RSET:
            return f"550 5.1.1 {WORDS}"
        return None if self.way is Way.NOT_OFFERED else self.reply

    def strike(self, server: FaultServer, timeout: float) -> None:
        """Let the server fail so, from the next mail on."""
        if self.step in ON_A_FRESH_CONNECTION:
            server.hang_up()
        if self.step is Step.LISTEN:
            server.go_away(deaf=self.way is Way.SILENT)
        elif self.way is Way.NOT_OFFERED:
            server.withheld = self.step
        elif self.way is Way.BAD_CERTIFICATE:
            server.certificate = STRANGER
        else:
            server.script = self.script(timeout)

    def mend(self, server: FaultServer) -> None:
        if self.step is Step.LISTEN:
            server.come_back()
        server.withheld, server.certificate, server.script = "", CERTIFICATE, []

    def script(self, timeout: float, **facts: object) -> list[Fault]:
        """Return what the server does, for the messages or the recipient of `facts`."""
        refused = [Fault(Step.RCPT, f"550 5.1.1 {WORDS}")] if self.step is Step.RSET else []
        drip = {Way.SLOW: SLOW_SECONDS, Way.ENDLESS: timeout / 4}.get(self.way, 0)
        act = {Way.DROP: DROP, Way.SILENT: SILENT}.get(self.way, self.reply)
        return [*refused, Fault(self.step, act, drip=drip, **facts)]


def read_rows() -> list[Row]:
    """Return a row for each step and each way of failing that a line of the table names."""
    section = PAGE.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [row for line in lines[1:] for row in _rows_of(line)]


def _rows_of(line: str) -> Iterator[Row]:
    steps, servers, state, others, reason = (cell.strip() for cell in line.split("|")[1:-1])
    for step, server in product(steps.split(", "), servers.split("; ")):
        yield Row(Step(step), server, DeliveryState(state), Others(others), reason)
