"""The command as a process: its exit status, its streams, its settings."""

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from app.cli import couvert
from tests.event_files.examples import dump
from tests.factories import make_event

HOUSE = Path(__file__).resolve().parents[2]
COUVERT = (sys.executable, "-c", "from app.cli import main; main()")
SLUG = "public-services-summit-2009"


def call(
    *arguments: str, encoding: str = "utf-8", **settings: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [*COUVERT, *arguments],
        env={**kept, **settings},
        cwd=HOUSE,
        capture_output=True,
        encoding=encoding,
        timeout=60,
        check=False,
    )


def test_from_an_empty_folder_to_the_sample_in_two_commands(tmp_path):
    instance = tmp_path / "not there yet" / "instance"
    here = {"INSTANCE_PATH": str(instance)}
    assert call("db", "upgrade", **here).returncode == 0
    assert call("events", "sample", **here).returncode == 0
    status = call("events", "status", SLUG, "--json", **here)
    assert json.loads(status.stdout)["place_limit"] == 30
    assert {path.name for path in instance.iterdir()} >= {"couvert.sqlite3", "secret_key"}


def test_the_database_is_the_one_the_environment_names(database_url, session, tmp_path):
    make_event(session)
    session.commit()
    here = {"INSTANCE_PATH": str(tmp_path / "instance"), "DATABASE_URL": database_url}
    done = call("events", "status", "summit", "--json", **here)
    assert (done.returncode, json.loads(done.stdout)["free"]) == (0, 3)


def test_a_refusal_is_one_plain_line_on_standard_error(database_url, session, tmp_path):
    before = dump(session)
    session.commit()
    here = {"INSTANCE_PATH": str(tmp_path / "instance"), "DATABASE_URL": database_url}
    done = call("guests", "approve", "summit", "--by", "Group", **here)
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        'There is no event "summit". Load one: couvert events load FILE.toml.\n',
    )
    assert dump(session) == before


def test_wrong_settings_are_all_named_without_a_traceback(tmp_path):
    done = call("events", "sample", INSTANCE_PATH=str(tmp_path), PORT="no", MAIL_PORT="0")
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        (
            "PORT=no: give a whole number from 1 to 65535.\n"
            "MAIL_PORT=0: give a whole number from 1 to 65535.\n"
        ),
    )


def test_a_database_that_cannot_be_reached_is_told_in_a_line(tmp_path):
    url = "postgresql://nobody:secret@127.0.0.1:1/none"
    done = call("db", "upgrade", INSTANCE_PATH=str(tmp_path), DATABASE_URL=url)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert done.stderr.startswith("The database cannot be used: ")
    assert "secret" not in done.stderr


def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path):
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path}/file/couvert.sqlite3"
    done = call("db", "upgrade", INSTANCE_PATH=str(tmp_path), DATABASE_URL=url)
    assert (done.returncode, done.stderr) == (
        1,
        f"The folder {tmp_path}/file cannot be made: File exists.\n",
    )


def test_names_come_out_whatever_the_terminal_can_show(tmp_path):
    here = {"INSTANCE_PATH": str(tmp_path), "PYTHONIOENCODING": "iso-8859-1"}
    call("db", "upgrade", **here)
    call("events", "sample", **here)
    guests = json.loads(call("guests", "list", SLUG, "--json", **here).stdout)
    assert guests[0]["name"] == "Zofia Strøm-Łęcka"
    shown = call("guests", "list", SLUG, encoding="iso-8859-1", **here).stdout
    assert "Zofia Strøm-\\u0141\\u0119cka" in shown


@pytest.mark.parametrize(
    "arguments", [("events", "status"), ("guests", "import", "summit"), ("party",)]
)
def test_a_command_typed_wrong_is_a_usage_error(tmp_path, arguments):
    assert call(*arguments, INSTANCE_PATH=str(tmp_path)).returncode == 2


def test_help_needs_no_settings(tmp_path):
    done = call("--help", PORT="no", INSTANCE_PATH=str(tmp_path))
    assert (done.returncode, "invitations" in done.stdout) == (0, True)


def test_the_application_has_the_same_commands():
    installed = {entry.name: entry.load() for entry in entry_points(group="flask.commands")}
    assert installed == couvert.commands


def test_flask_runs_them_too(tmp_path):
    flask = (sys.executable, "-m", "flask", "--app", "wsgi", "events", "status", SLUG)
    environment = {"PATH": os.environ["PATH"], "INSTANCE_PATH": str(tmp_path)}
    done = subprocess.run(flask, capture_output=True, check=False, cwd=HOUSE, env=environment)
    assert done.returncode == 1
    assert done.stderr == b"The database has no tables yet: couvert db upgrade\n"
