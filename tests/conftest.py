"""Fixtures every test may ask for: a fresh migrated database (SQLite and PostgreSQL), the app."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app
from app.config import MailSettings, Settings
from app.db import migrate
from app.db.engine import SessionFactory, make_engine, make_sessions
from tests.browser import browser, playwright, scripts
from tests.databases import PostgresServer
from tests.templates import compiled_once

__all__ = ["browser", "playwright", "scripts"]

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""A Monday morning, five weeks before the tests' event (tests/factories.py)."""


MEMORY = Path("/dev/shm")  # noqa: S108 - inside it every run makes a folder of its own
ROOM = 2 * 1024**3


def pytest_configure() -> None:
    """Let databases lie in memory where there is room: every commit waits for the disk else."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Start one worker more than there are processors: many tests wait for servers and clocks."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the walks in a browser: last, one worker would be busy long after the others."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(scope="session", autouse=True)
def templates() -> Iterator[None]:
    with compiled_once():
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "couvert.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    # Not in pytest's own folder: each pytest that starts closes that one to other users, and where
    # the tests run as root the server is another user, who then loses its data under its feet.
    root = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    with TemporaryDirectory(prefix="couvert-postgresql-", dir=root) as folder:
        server = PostgresServer(Path(folder) / "data")
        yield server
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database with nothing in it; each test that asks runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "couvert.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        with server.empty_database() as url:
            yield url


@pytest.fixture
def sessions(database_url: str) -> Iterator[SessionFactory]:
    factory = make_sessions(database_url)
    yield factory
    factory.kw["bind"].dispose()


@pytest.fixture
def session(sessions: SessionFactory) -> Iterator[Session]:
    """One session, in a write transaction; the test commits where it must."""
    with sessions() as opened:
        yield opened


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        secret_key="a secret of the tests, long enough",
        secret_key_fallbacks=(),
        base_url="http://couvert.test",
        instance_path=tmp_path,
        port=8000,
        mail=MailSettings(
            local=True,
            server="",
            port=25,
            use_tls=False,
            use_ssl=False,
            username="",
            password="",
            sender=Address("City of Stockholm", "summit", "stockholm.example"),
            timeout=5,
            rate_per_minute=0,
            connections=1,
            ca_file="",
        ),
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application, its clock stopped at NOW."""
    made = create_app(settings, clock=lambda: NOW)
    yield made
    made.extensions["couvert"].sessions.kw["bind"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
