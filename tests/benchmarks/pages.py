"""The guest's page, packed as browsers ask, beside a trivial Flask page on the same server."""

import http.client
import multiprocessing
import statistics
from pathlib import Path

from flask import Flask, render_template_string
from sqlalchemy import select
from waitress.server import create_server

from app import create_app
from app.clock import utc_now
from app.config import Settings
from app.db import migrate
from app.db.engine import make_engine
from app.event_files.built_in import SAMPLE_EVENT, sample_starts
from app.event_files.reading import read_event_file
from app.event_files.services import load_event
from app.guests.rows import GuestRow
from app.guests.services import import_guests
from app.invitations.models import Invitation
from app.invitations.services import send_wave
from tests.benchmarks.cpu import cpu_seconds
from tests.factories import approve_list

REQUESTS = 600
ROUNDS = 5
TRIVIAL = (
    "<!doctype html><title>{{ title }}</title><ul>{% for n in rows %}<li>{{ n }}{% endfor %}</ul>"
)


def measure(folder: Path, database_url: str = "") -> None:
    parent, child = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(folder, database_url, child))
    server.start()
    try:
        port, path = parent.recv()
        size = _fetch(port, path)
        ratios, trivial, guest = [], [], []
        for _ in range(ROUNDS):
            trivial.append(_cpu_seconds(server.pid or 0, port, "/trivial"))
            guest.append(_cpu_seconds(server.pid or 0, port, path))
            ratios.append(trivial[-1] / guest[-1])
    finally:
        server.terminate()
        server.join()
    print("The guest's page (server's CPU per request, waitress, sample event)")
    print(f"  trivial page    {REQUESTS / statistics.median(trivial):6.0f} per CPU second   1.00")
    print(
        f"  guest's page    {REQUESTS / statistics.median(guest):6.0f} per CPU second   "
        f"{statistics.median(ratios):.2f}   ({size / 1000:.1f} kB of HTML, packed)"
    )


def _cpu_seconds(pid: int, port: int, path: str) -> float:
    before = cpu_seconds(pid)
    for _ in range(REQUESTS):
        _fetch(port, path)
    return cpu_seconds(pid) - before


def _fetch(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path}: {answer.status}")
    return len(content)


def _serve(folder: Path, database_url: str, pipe: "multiprocessing.connection.Connection") -> None:
    settings = Settings.from_environment(
        {"INSTANCE_PATH": str(folder), "DATABASE_URL": database_url}
    )
    migrate.upgrade(make_engine(settings.database_url))
    app = create_app(settings)

    @app.get("/trivial")
    def trivial() -> str:
        return render_template_string(TRIVIAL, title="Trivial", rows=range(20))

    path = _sample_link(app)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    pipe.send((server.effective_port, path))
    server.run()


def _sample_link(app: Flask) -> str:
    parts = app.extensions["couvert"]
    now = utc_now()
    with parts.sessions.begin() as session:
        starts = sample_starts(now.date())
        event = load_event(
            session, read_event_file(SAMPLE_EVENT, today=now.date(), starts=starts), now=now
        ).event
        rows = [
            GuestRow(
                line=number + 2,
                salutation="Dr",
                first_name="Zofia",
                last_name=f"Strøm-Łęcka {number}",
                title="Director",
                organisation="Agency",
                country="Poland",
                email=f"guest{number}@example.org",
                language="en",
                host="",
                rank=None,
                note="",
            )
            for number in range(30)
        ]
        import_guests(session, event, rows, now=now)
        approve_list(session, event)
        send_wave(session, event, by="Bench", now=now)
        invitation = session.scalars(select(Invitation).limit(1)).one()
        link = parts.links.rsvp(invitation.public_id, invitation.link_version)
    return "/" + link.split("/", 3)[3]
