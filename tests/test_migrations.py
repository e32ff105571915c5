"""Migrations: the tables of the code, and no row lost on the way."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import migrate
from app.db.engine import make_engine, make_sessions
from app.guests.models import Guest
from app.invitations.models import Invitation, InvitationState, Wave
from tests.factories import NOW, make_dinner, make_event, make_guest, make_invitation


def count(session: Session, table: type) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def test_the_migrated_tables_are_the_ones_of_the_code(sessions):
    assert migrate.differences(sessions.kw["bind"]) == []


def test_the_newest_schema_is_known_as_such(sessions):
    with sessions.kw["bind"].connect() as connection:
        assert migrate.is_current(connection)


def test_an_upgrade_that_has_nothing_to_do_does_nothing(sessions):
    migrate.upgrade(sessions.kw["bind"])
    assert migrate.differences(sessions.kw["bind"]) == []


def test_a_rebuilt_table_keeps_its_children(sessions):
    """Alembic's batch mode drops the table on SQLite; foreign keys would delete the guests."""
    with sessions.begin() as session:
        event = make_event(session)
        make_dinner(session, event)
        make_invitation(session, event)
        make_guest(session, event)
    with migrate.migrating(sessions.kw["bind"]) as connection:
        operations = Operations(MigrationContext.configure(connection))
        rebuild = "always" if connection.dialect.name == "sqlite" else "auto"
        with operations.batch_alter_table("event", recreate=rebuild) as event_table:
            event_table.add_column(sa.Column("motto", sa.String(80)))
    with sessions() as session:
        assert (count(session, Guest), count(session, Invitation)) == (2, 1)


def break_half_way(engine: sa.Engine) -> None:
    with migrate.migrating(engine) as connection:
        connection.execute(sa.text("CREATE TABLE half (id INTEGER)"))
        raise ZeroDivisionError


def test_a_migration_that_fails_changes_nothing(sessions):
    engine = sessions.kw["bind"]
    with pytest.raises(ZeroDivisionError):
        break_half_way(engine)
    assert "half" not in sa.inspect(engine).get_table_names()


def test_a_migration_that_orphans_rows_is_refused_on_sqlite_too(sqlite_template, tmp_path):
    """PostgreSQL checks its foreign keys always; SQLite's are off while tables are rebuilt."""
    sessions = make_sessions(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}")
    with sessions.begin() as session:
        make_guest(session, make_event(session))
    with (
        pytest.raises(migrate.BrokenReferencesError),
        migrate.migrating(sessions.kw["bind"]) as connection,
    ):
        connection.execute(sa.text("DELETE FROM event"))
    with sessions() as session:
        assert count(session, Guest) == 1
    sessions.kw["bind"].dispose()


def test_two_upgrades_at_once_both_end_well(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'fresh.sqlite3'}"
    program = f"from app.db import engine, migrate; migrate.upgrade(engine.make_engine({url!r}))"
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    engine = make_engine(url)
    assert migrate.differences(engine) == []
    engine.dispose()


def test_the_database_refuses_an_invitation_outside_every_version(session):
    event = make_event(session)
    guest = make_guest(session, event)
    wave = Wave(event_id=event.id, number=1, sent_at=NOW, sent_by="Somebody")
    session.add(wave)
    session.flush()
    session.add(
        Invitation(
            event_id=event.id,
            guest_id=guest.id,
            entry_id=4711,
            wave_id=wave.id,
            state=InvitationState.OPEN,
            holds_place=True,
            reply_by=event.reply_by,
            opened_at=NOW,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"place_limit": 0}, "ck_event_has_places"),
        ({"companions_per_guest": -1}, "ck_event_companions_not_negative"),
        ({"digest_weekday": 7}, "ck_event_digest_weekday_exists"),
    ],
)
def test_the_database_refuses_a_senseless_event(session, facts, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        make_event(session, **facts)
