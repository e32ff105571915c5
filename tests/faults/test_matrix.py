"""Every fault of the table in `docs/sending.md`, at every place of a batch, does what it says."""

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.config import Settings
from app.db.engine import make_sessions
from app.deliveries.models import Delivery, DeliveryState, PauseKind
from tests.faults.batch import Batch, invite
from tests.faults.matrix import WAYS, Others, Row, Way, read_rows
from tests.faults.smtp_server import FaultServer, Step

ROWS = read_rows()
MAILS, PLACES = 7, (1, 4, 7)
EMAILS = [f"guest{number}@example.org" for number in range(1, MAILS + 1)]
QUICK = 0.6
"""Seconds of MAIL_TIMEOUT where the server keeps us waiting."""
SPARE = 0.4
"""Seconds a busy machine may need besides."""
PAUSES = {
    Others.GO_ON: [],
    Others.PROVIDER: [("domain:example.org", PauseKind.DOMAIN, 1)],
    Others.ALL_AT_ONCE: [("all", PauseKind.SETTINGS, 1)],
    Others.ALL_LATER: [("all", PauseKind.SERVER, 1)],
}
ON_POSTGRESQL = (
    (Step.LISTEN, Way.REFUSED),
    (Step.AUTH, Way.NEVER),
    (Step.RCPT, Way.LATER),
    (Step.DATA, Way.DROP),
    (Step.DOT, Way.DROP),
)
Play = Callable[[Row], Batch]


@pytest.fixture(scope="module")
def asked(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database where the batch is asked for."""
    path = tmp_path_factory.mktemp("asked") / "couvert.sqlite3"
    shutil.copyfile(sqlite_template, path)
    _ask(f"sqlite:///{path}")
    return path


def _ask(database_url: str, **facts: object) -> None:
    sessions = make_sessions(database_url)
    invite(sessions, EMAILS, **facts)
    sessions.kw["bind"].dispose()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, asked: Path, tmp_path: Path):
    """SQLite, where the test does not say otherwise: the faults are the server's."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{shutil.copyfile(asked, tmp_path / 'couvert.sqlite3')}"
        return
    with request.getfixturevalue("postgres_server").fresh_database() as url:
        _ask(url)
        yield url


def server_for(row: Row) -> FaultServer:
    return FaultServer(
        starttls=row.step in {Step.STARTTLS, Step.HANDSHAKE},
        password="secret",
        narrow=row.step is Step.CONTENT,
    )


@pytest.fixture
def play(settings_for: Callable[..., Settings]):
    """Send the batch to a server that fails as the row says, until no mail waits any more."""
    with ExitStack() as opened:

        def played(row: Row) -> Batch:
            server = opened.enter_context(server_for(row))
            settings = settings_for(server, timeout=QUICK if row.waits else 10)
            batch = opened.enter_context(Batch(settings, server, row, PLACES))
            if row.step is Step.CONTENT:
                batch.lengthen()
            batch.run()
            return batch

        yield played


def check_the_struck(row: Row, batch: Batch) -> None:
    """Judge the mails that met the fault, as they stood right after it."""
    assert set(batch.met) == set(PLACES)
    for met in batch.met.values():
        assert (met.delivery.state, met.delivery.error) == (row.state, row.reason)
        assert [(each.scope, each.kind, each.strikes) for each in met.pauses] == PAUSES[row.others]
        assert row.words_kept is None or met.reply == row.words_kept
        assert not row.waits or met.seconds < QUICK * max(met.conversations, 1) + SPARE


def check_the_end(batch: Batch) -> None:
    """Judge the batch when the faults are gone: all went on by itself, and nothing twice."""
    taken = Counter(mail.message_id for mail in batch.server.messages)
    assert max(taken.values()) == 1
    for number, delivery in enumerate(batch.deliveries(), start=1):
        first = batch.met[number].delivery if number in batch.met else None
        assert delivery.state is ended(first)
        assert delivery.attempts == 1 + (first is not None and first.state == "deferred")
        assert first is None or delivery.message_id == first.message_id
        assert delivery.state != DeliveryState.SENT or taken[delivery.message_id] == 1
    assert batch.pauses() == []


def ended(first: Delivery | None) -> DeliveryState:
    """Return how a mail ends that stood so after its first attempt."""
    if first is None or first.state is DeliveryState.DEFERRED:
        return DeliveryState.SENT
    return first.state


def test_every_fault_the_server_can_make_has_its_row():
    possible = {(step, way) for step, ways in WAYS.items() for way in ways}
    assert {(row.step, row.way) for row in ROWS} == possible


def test_a_mail_is_uncertain_only_after_its_final_dot():
    assert {row.step for row in ROWS if row.state is DeliveryState.UNCERTAIN} == {Step.DOT}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_fault_does_what_the_page_says(row: Row, play: Play):
    batch = play(row)
    check_the_struck(row, batch)
    check_the_end(batch)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "row", [row for row in ROWS if (row.step, row.way) in ON_POSTGRESQL], ids=str
)
def test_some_faults_do_the_same_on_postgresql(row: Row, play: Play):
    batch = play(row)
    check_the_struck(row, batch)
    check_the_end(batch)
