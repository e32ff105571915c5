"""The mails of the cases, made in an installation of their own: for tests, files and pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from app import create_app
from app.config import Settings
from app.db import migrate
from app.language import LANGUAGES
from app.mail.message import MailMessage
from tests.factories import NOW
from tests.mails.cases import CASES
from tests.mails.composing import make_mail, parts_of

EVERY = [(name, language) for name in CASES for language in LANGUAGES]
"""Each case in each language."""


class Press:
    """Makes a mail when it is first asked for; nothing of it stays in the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mail = lru_cache(maxsize=None)(self._make)

    @cached_property
    def app(self) -> Flask:
        made = create_app(self._settings(), clock=lambda: NOW)
        migrate.upgrade(parts_of(made).sessions.kw["bind"])
        return made

    def _settings(self) -> Settings:
        given = {
            "BASE_URL": "http://couvert.test",
            "INSTANCE_PATH": str(self.folder),
            "SECRET_KEY": "a secret of the tests, long enough",
            "MAIL_DEFAULT_SENDER": "City of Stockholm <summit@stockholm.example>",
        }
        return Settings.from_environment(given)

    def _make(self, name: str, language: str) -> MailMessage:
        case = CASES[name]
        with parts_of(self.app).sessions() as session:
            case.build(self.app, session, language)
            return make_mail(self.app, session, case.kind, now=case.now)

    def close(self) -> None:
        parts_of(self.app).sessions.kw["bind"].dispose()


@contextmanager
def opened_press() -> Iterator[Press]:
    with TemporaryDirectory(prefix="couvert-mails-") as folder:
        press = Press(Path(folder))
        yield press
        press.close()
