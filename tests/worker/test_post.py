"""The post: one mail of each connection is open at a time, in the database too."""

from dataclasses import replace

from app import create_app
from app.worker.loop import Worker
from tests.factories import NOW, make_event, make_invitation
from tests.faults.smtp_server import FaultServer
from tests.product import wait_until


def test_a_connection_gets_its_next_mail_only_when_its_answer_is_noted(sessions, settings):
    with sessions.begin() as session:
        event = make_event(session)
        make_invitation(session, event)
        make_invitation(session, event)
    with FaultServer() as server:
        mail = replace(settings.mail, server="127.0.0.1", port=server.port)
        worker = Worker(create_app(replace(settings, mail=mail), clock=lambda: NOW))
        with worker.app.app_context():
            begin_the_first(worker)
            wait_until(lambda: not worker.post.connections.answers.empty(), "the answer")
            with sessions.begin() as session:
                early = worker.post.exchange(session, now=NOW, stopping=False)
                session.rollback()
            worker.post.collect(0)
            with sessions.begin() as session:
                noted = worker.post.exchange(session, now=NOW, stopping=True)
        worker.post.connections.close()
    assert (len(early.begun), len(early.taken)) == (0, 0)
    assert len(noted.noted) == 1
    worker.parts.sessions.kw["bind"].dispose()


def begin_the_first(worker: Worker) -> None:
    worker.send_due()
    worker.send_due()
