"""The command as a user types it, on a database of the test's own."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from app.cli import couvert
from app.db.engine import SessionFactory
from tests.event_files.examples import dump

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command to its end; anything but a refusal in plain words fails the test."""

    def typed(*arguments: str) -> Result:
        return app.test_cli_runner().invoke(couvert, arguments, catch_exceptions=False)

    return typed


@pytest.fixture
def refused(run: Run, sessions: SessionFactory) -> Callable[..., str]:
    """Run a command that must be refused with nothing changed; return its words."""

    def typed(*arguments: str) -> str:
        with sessions() as session:
            before = dump(session)
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        with sessions() as session:
            assert dump(session) == before
        return result.stderr

    return typed


@pytest.fixture
def harmless(run: Run, sessions: SessionFactory) -> Callable[..., str]:
    """Run a command that must succeed and change nothing; return what it printed."""

    def typed(*arguments: str) -> str:
        with sessions() as session:
            before = dump(session)
        result = run(*arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        with sessions() as session:
            assert dump(session) == before
        return result.stdout

    return typed
