"""Migrations: the tables of the code, and no row lost on the way."""

import re
import shutil
import subprocess
import sys
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import migrate
from app.db.engine import make_engine, make_sessions
from app.db.registry import metadata
from app.db.types import UtcDateTime
from app.deliveries.copies import read_copies
from app.deliveries.models import Delivery, DeliveryKind, DeliveryState
from app.deliveries.queries import read_log
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


ON_SQLITE = "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
ON_POSTGRESQL = """
    SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT table_name, concat_ws(' ', column_name, data_type, character_maximum_length,
        is_nullable, column_default)
    FROM information_schema.columns WHERE table_schema = 'public'
"""
NEXT_LINE = re.compile(r",\s+(?=CONSTRAINT |\w+ [A-Z])")


def schema(engine: sa.Engine) -> list[tuple[str, str]]:
    """Return every column, constraint and index with its table, as the database has them.

    What stands there twice is listed twice.
    """
    query = ON_SQLITE if engine.dialect.name == "sqlite" else ON_POSTGRESQL
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(query).all()
    lines = [(table, line) for table, words in rows for line in lines_of(words)]
    return sorted(line for line in lines if line[0] != "alembic_version")


def lines_of(words: str) -> list[str]:
    folded = re.sub(r"\s+", " ", words.replace('"', ""))
    if not folded.startswith("CREATE TABLE"):
        return [folded]
    inside = folded[folded.index("(") + 1 : folded.rindex(")")]
    return [line.strip() for line in NEXT_LINE.split(inside)]


def empty(engine: sa.Engine) -> None:
    metadata.drop_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")


def downgrade(engine: sa.Engine, revision: str) -> None:
    with migrate.migrating(engine) as connection:
        config = migrate._config()  # noqa: SLF001 - the product itself never goes back
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_the_migrated_database_has_every_constraint_and_index_of_the_models_once(sessions):
    engine = sessions.kw["bind"]
    migrated = schema(engine)
    empty(engine)
    metadata.create_all(engine)
    assert migrated == schema(engine)


KINDS_OF_0001 = ("invitation", "reminder", "confirmation", "sign_in", "digest")
SENT_AT = NOW + timedelta(minutes=5)
REASONS = {
    "failed": "The mailbox does not exist",
    "deferred": "The mailbox is full",
    "uncertain": "The process ended while this mail was being handed over.",
    "bounced": "The mail came back.",
    "cancelled": "The invitation was withdrawn.",
}
HANDED_OVER = ("sending", "deferred", "sent", "failed", "uncertain", "bounced")
WITH_A_COPY = ("sent", "bounced")


def old_row(number: int, state: str, kind: str, **parents: int) -> dict[str, object]:
    """Return a delivery as the first schema had it."""
    is_sent = state in WITH_A_COPY
    return {
        "id": number,
        "public_id": f"public{number}",
        "key": f"{kind}:{number}:{1 if number % 2 else 2}",
        "kind": kind,
        "subject_id": number,
        "recipient": f"Guest{number}@Ministry.EXAMPLE",
        "language": "en",
        "state": state,
        "attempts": 2 if state in HANDED_OVER else 0,
        "created_at": NOW,
        "due_at": NOW,
        "lease": "a worker" if state == "sending" else None,
        "lease_until": SENT_AT if state == "sending" else None,
        "sent_at": SENT_AT if is_sent else None,
        "message_id": f"public{number}@stockholm.example" if state in HANDED_OVER else None,
        "reply": "250 2.0.0 Ok" if is_sent else "",
        "error": REASONS.get(state, ""),
        "subject": "Invitation" if is_sent else "",
        "text": "Dear Dr Łęcka" if is_sent else "",
        **parents,
    }


def old_table(connection: sa.Connection) -> sa.Table:
    table = sa.Table("delivery", sa.MetaData(), autoload_with=connection)
    for name in {"created_at", "due_at", "lease_until", "sent_at", "changed_at"} & set(
        table.c.keys()
    ):
        table.c[name].type = UtcDateTime()
    return table


@pytest.fixture
def old(sessions):
    """A database of the first schema, with a mail of every state and kind; give the mails."""
    engine = sessions.kw["bind"]
    with sessions.begin() as session:
        event = make_event(session)
        parents = {"event_id": event.id, "guest_id": make_guest(session, event).id}
    downgrade(engine, "0001")
    pairs = enumerate(product(DeliveryState, KINDS_OF_0001), 1)
    rows = [old_row(number, str(state), kind, **parents) for number, (state, kind) in pairs]
    with engine.begin() as connection:
        connection.execute(old_table(connection).insert(), rows)
    return {row["id"]: row for row in rows}


def read_rows(engine: sa.Engine) -> dict[int, dict[str, object]]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(old_table(connection))).mappings()
        return {row["id"]: dict(row) for row in rows}


def test_an_upgrade_keeps_every_mail_and_what_is_known_of_it(sessions, old):
    migrate.upgrade(sessions.kw["bind"])
    kept = read_rows(sessions.kw["bind"])
    gone = {"reply", "subject", "text"}
    for number, row in old.items():
        expected = {name: value for name, value in row.items() if name not in gone}
        assert {name: kept[number][name] for name in expected} == expected
        assert kept[number]["recipient_domain"] == "ministry.example"
        assert kept[number]["changed_at"] == (row["sent_at"] or NOW)
        again = row["kind"] == "invitation" and number % 2 == 0
        assert (bool(kept[number]["resend"]), kept[number]["batch"]) == (again, None)
    assert len(kept) == len(old) == 40


def test_an_upgrade_gives_every_mail_a_log_that_ends_in_its_state(sessions, old):
    migrate.upgrade(sessions.kw["bind"])
    with sessions() as session:
        for number, row in old.items():
            lines = [(line.state, line.at, line.reply) for line in read_log(session, number)]
            last = (row["state"], row["sent_at"] or NOW, row["reply"])
            asked = (DeliveryState.QUEUED, NOW, "")
            assert lines == ([asked] if row["state"] == "queued" else [asked, last])


def test_an_upgrade_keeps_the_copy_of_what_was_sent(sessions, old):
    migrate.upgrade(sessions.kw["bind"])
    with sessions() as session:
        for number, row in old.items():
            copies = read_copies(session, number)
            found = [(at, copy.subject, copy.text, copy.page) for at, copy in copies.items()]
            expected = [(2, "Invitation", "Dear Dr Łęcka", "")]
            assert found == (expected if row["state"] in WITH_A_COPY else [])


def test_an_upgrade_keeps_the_guests_and_their_mails_go_with_them(sessions, old):
    migrate.upgrade(sessions.kw["bind"])
    with sessions.begin() as session:
        assert count(session, Guest) == 1
        session.execute(sa.delete(Guest))
    with sessions() as session:
        assert count(session, Delivery) == 0
        assert session.scalars(sa.text("SELECT count(*) FROM delivery_move")).one() == 0


def test_after_an_upgrade_the_new_kind_of_mail_is_let_in_and_no_other(sessions, old):
    migrate.upgrade(sessions.kw["bind"])
    with sessions.begin() as session:
        session.execute(sa.update(Delivery).values(kind=DeliveryKind.TEST))
    with pytest.raises(IntegrityError, match="ck_delivery_kind_exists"), sessions() as session:
        session.execute(sa.text("UPDATE delivery SET kind = 'letter'"))


def test_a_downgrade_brings_every_mail_back_as_it_was_and_can_be_upgraded_again(sessions, old):
    engine = sessions.kw["bind"]
    migrate.upgrade(engine)
    after_upgrade, lines = read_rows(engine), schema(engine)
    downgrade(engine, "0001")
    assert read_rows(engine) == old
    migrate.upgrade(engine)
    assert read_rows(engine) == after_upgrade
    assert schema(engine) == lines


def test_a_downgrade_leaves_out_mails_of_the_new_kind(sessions, old):
    engine = sessions.kw["bind"]
    migrate.upgrade(engine)
    with sessions.begin() as session:
        session.execute(sa.update(Delivery).where(Delivery.id <= 5).values(kind=DeliveryKind.TEST))
    downgrade(engine, "0001")
    assert set(read_rows(engine)) == set(old) - {1, 2, 3, 4, 5}
    with engine.connect() as connection:
        assert "delivery_move" not in sa.inspect(connection).get_table_names()


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
