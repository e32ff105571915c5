"""Crash runs: a send is struck at random points, then every mail is accounted for.

`python -m tests.faults` prints the long runs as a table; the tests make short ones.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from app.deliveries.models import DeliveryState
from tests.faults.house import House, waited
from tests.faults.victims import KILLED_PROCESSES, VICTIMS, OneProcess, Victim

WAVE = 100
"""Guests of one wave sent from the page: each press is a chance to be struck."""
LONGEST_DELAY = 0.06
"""From the mail that was waited for, or the start, to the strike: several mails' time."""
DELAY_MAILS = 10
"""More than one connection hands over in that time."""


@dataclass(frozen=True)
class Case:
    database: str
    victim: str
    connections: int


def cases(database: str) -> list[Case]:
    """Return every case that exists on that database."""
    connection = ["connection"] if database == "postgresql" else ["statement", "file lock"]
    victims = ["worker", "serve", *connection]
    return [Case(database, victim, number) for victim in victims for number in (1, 4)]


@dataclass
class Account:
    """What became of every mail of a run."""

    case: Case
    mails: int
    kills: int = 0
    arrived: int = 0
    """To how many guests a mail came at all."""
    lost: int = 0
    stuck: int = 0
    """Neither sent nor uncertain in the end."""
    torn: int = 0
    """Waves that were there in part."""
    uncertain: int = 0
    at_once: int = 0
    """The most that one kill left uncertain."""
    silent: int = 0
    """Arrived twice although nobody had asked for it, or under another Message-ID."""
    asked: int = 0
    """Arrived twice where the row had said uncertain and a person had it sent again."""
    status: int = 0
    """How the last process ended that was told to."""
    seconds: float = 0.0

    def broken(self) -> list[str]:
        """Return every promise that does not hold."""
        killed = self.case.victim in KILLED_PROCESSES
        promises = {
            "every guest gets the mail": self.lost == 0 and self.arrived == self.mails,
            "nothing is stuck": self.stuck == 0,
            "a wave is there or not": self.torn == 0,
            "nothing arrives twice in silence": self.silent == 0,
            "one uncertain per connection and kill": self.at_once <= self.case.connections,
            "only a kill leaves uncertain ones": killed or self.uncertain == 0,
            "twice only where the row said uncertain": self.asked <= self.uncertain,
            "SIGTERM ends it well": self.status == 0,
        }
        return [promise for promise, holds in promises.items() if not holds]


class CrashRun:
    def __init__(self, case: Case, house: House, *, mails: int, kills: int, seed: int) -> None:
        self.house, self.mails, self.kills = house, mails, kills
        self.chance = random.Random(seed)  # noqa: S311 - any moment will do
        self.victim: Victim = VICTIMS[case.victim](house, self.chance)
        self.account = Account(case, mails)

    def run(self) -> Account:
        waves = max(2, self.mails // WAVE) if isinstance(self.victim, OneProcess) else 1
        slugs = [f"summit-{number}" for number in range(waves)]
        guests = self.mails // waves
        organiser = self.house.build(slugs, guests)
        began = time.monotonic()
        if isinstance(self.victim, OneProcess):
            self.victim.sign_in(organiser)
        for number, slug in enumerate(slugs, start=1):
            self._crash(slug, guests, until=self.kills * number // waves)
        self._account()
        self.account.seconds = time.monotonic() - began
        return self.account

    def _crash(self, slug: str, guests: int, until: int) -> None:
        """Send one wave, and strike while it goes out, until so many strikes were made in all."""
        if isinstance(self.victim, OneProcess):
            pressing = max(1, (until - self.victim.struck) // 2)
            self.victim.send_wave(slug, pressing)
        else:
            self.house.send_wave(slug)
        self.account.torn += set(self.house.wave(slug)) != {guests}
        while self.victim.struck < until and (left := self.house.unfinished()):
            self.victim.start()
            self._wait_for_a_moment(left, left / (until - self.victim.struck))
            self.victim.strike()
        self.victim.start()

    def _wait_for_a_moment(self, left: int, share: float) -> None:
        """Wait for a random number of mails, so many that every strike gets its share of them."""
        few = round(2 * (share - 1 - self.house.connections))
        meanwhile = 2 * self.house.connections + DELAY_MAILS  # the last strike must meet some too
        goal = self.house.taken + self.chance.randint(0, max(0, min(few, left - meanwhile)))
        waited(lambda: self.house.taken >= goal or not self.house.unfinished(), 30, step=0.01)
        time.sleep(self.chance.uniform(0, LONGEST_DELAY))

    def _account(self) -> None:
        house, account = self.house, self.account
        house.ended()
        account.kills = self.victim.struck
        account.stuck = self._stuck(DeliveryState.SENT, DeliveryState.UNCERTAIN)
        losses = house.uncertain()
        account.uncertain, account.at_once = losses.total(), max(losses.values(), default=0)
        before = house.arrivals()
        again = house.send_uncertain_again()
        house.ended()
        account.status = self.victim.stop()
        self._account_in_the_end(before, again)

    def _account_in_the_end(self, before: Counter[str], again: set[str]) -> None:
        account, arrivals = self.account, self.house.arrivals()
        account.stuck += self._stuck(DeliveryState.SENT)
        account.arrived = len(arrivals)
        account.lost = self.mails - account.arrived
        twice = sum(arrivals.values()) - len(arrivals)
        # One more of what had arrived, for each question that was answered with `send again`.
        account.asked = sum(before[who] > 0 and arrivals[who] > before[who] for who in again)
        account.silent = twice - account.asked + self.house.strangers()

    def _stuck(self, *good: DeliveryState) -> int:
        return sum(state not in good for state in self.house.states().values())


def crash(
    case: Case, database_url: str, folder: Path, *, mails: int, kills: int, seed: int
) -> Account:
    """Send so many mails under so many strikes, and account for each."""
    with House(database_url, folder, connections=case.connections) as house:
        return CrashRun(case, house, mails=mails, kills=kills, seed=seed).run()
