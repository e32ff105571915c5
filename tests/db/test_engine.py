"""Transactions: write by default, read only where asked, one writer at a time, references kept."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.db.engine import reading, set_read_only
from app.events.models import Event
from app.events.queries import lock_for_places
from tests.factories import make_event, make_guest


def test_a_transaction_that_reads_cannot_write(sessions):
    with reading(), sessions() as session, pytest.raises(DBAPIError):
        make_event(session)


def test_after_reading_the_same_connection_writes_again(sessions):
    with reading(), sessions() as session:
        assert session.scalars(select(Event)).all() == []
    with sessions.begin() as session:
        make_event(session)
    with reading(), sessions() as session:
        assert session.scalars(select(Event.slug)).all() == ["summit"]


def test_reading_ends_with_its_block_even_where_it_fails(sessions):
    def read_and_fail() -> None:
        with reading():
            raise LookupError

    with pytest.raises(LookupError):
        read_and_fail()
    with sessions.begin() as session:
        assert make_event(session).id == 1


def test_the_kind_of_transaction_belongs_to_its_own_thread(sessions):
    set_read_only(read_only=True)
    failures: list[Exception] = []

    def write() -> None:
        try:
            with sessions.begin() as session:
                make_event(session)
        except DBAPIError as error:
            failures.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    set_read_only(read_only=False)
    assert failures == []


def test_a_second_writer_waits_for_the_first(sessions):
    with sessions.begin() as session:
        event_id = make_event(session, place_limit=1).id
    seen: list[int] = []

    def look_under_the_lock() -> None:
        with sessions.begin() as session:
            seen.append(lock_for_places(session, event_id).place_limit)

    with sessions.begin() as session:
        event = lock_for_places(session, event_id)
        thread = threading.Thread(target=look_under_the_lock)
        thread.start()
        thread.join(0.2)
        assert seen == []
        event.place_limit = 2
    thread.join()
    assert seen == [2]


def test_a_reader_does_not_wait_for_a_writer(sessions):
    with sessions.begin() as session:
        event_id = make_event(session).id
    with sessions.begin() as session:
        lock_for_places(session, event_id).place_limit = 9
        session.flush()
        with reading(), sessions() as reader:
            assert reader.scalars(select(Event.place_limit)).one() == 3


def test_what_is_rolled_back_was_never_there(sessions):
    with sessions() as session:
        make_event(session)
        session.rollback()
    with sessions() as session:
        assert session.scalars(select(Event)).all() == []


def test_references_are_kept(session):
    event = make_event(session)
    guest = make_guest(session, event)
    guest.host_id = 4711
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_error_shows_no_names_or_addresses(session):
    event = make_event(session)
    make_guest(session, event, email="zofia@example.org")
    with pytest.raises(IntegrityError) as failed:
        make_guest(session, event, email="zofia@example.org")
    assert "[SQL parameters hidden due to hide_parameters=True]" in str(failed.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_keeps_what_is_committed_through_a_power_cut(session):
    settings = {
        name: session.execute(text(f"PRAGMA {name}")).scalar()
        for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
    }
    assert settings == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 15000,
    }
