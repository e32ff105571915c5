"""`couvert db`, and what every command says of a database that is not ready."""

from sqlalchemy import inspect, text

from app.db.registry import metadata


def drop_tables(sessions) -> None:
    engine = sessions.kw["bind"]
    metadata.drop_all(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))


def test_upgrade_makes_the_tables(run, sessions):
    drop_tables(sessions)
    result = run("db", "upgrade")
    assert (result.exit_code, result.stdout) == (0, "The database is that of this version.\n")
    assert inspect(sessions.kw["bind"]).has_table("event")


def test_upgrade_of_a_good_database_changes_nothing(harmless):
    assert harmless("db", "upgrade") == "The database is that of this version.\n"


def test_a_command_on_an_empty_database_names_the_mend(run, sessions):
    drop_tables(sessions)
    result = run("events", "status", "summit")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "",
        "The database has no tables yet: couvert db upgrade\n",
    )


def test_a_command_on_an_old_database_names_the_mend(run, session):
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    result = run("events", "sample")
    assert (result.exit_code, result.stderr) == (
        1,
        "The database is not that of this version: couvert db upgrade\n",
    )


def test_a_database_from_a_later_version_is_left_alone(run, session):
    session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    session.commit()
    result = run("db", "upgrade")
    assert (result.exit_code, result.stderr) == (
        1,
        "Can't locate revision identified by '9999'\n",
    )
