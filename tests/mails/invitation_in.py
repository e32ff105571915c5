"""Prints the invitation of a guest who reads the language named on the command line."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from app import create_app
from app.config import Settings
from app.db import migrate
from app.db.engine import make_engine
from app.deliveries.models import DeliveryKind
from app.guests.rows import read_language
from app.language import LANGUAGES
from tests.factories import make_dinner, make_event, make_invitation
from tests.mails.composing import make_mail


def print_invitation(called: str, folder: Path) -> None:
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(folder)}))
    parts = app.extensions["couvert"]
    engine = make_engine(parts.settings.database_url)
    migrate.upgrade(engine)
    engine.dispose()
    language = read_language(called, languages=LANGUAGES)
    with parts.sessions() as session:
        event = make_event(session, languages=["en", language])
        dinner = make_dinner(session, event)
        for texts in (event, *event.hosts, dinner):
            speak(texts, language)
        make_invitation(session, event, language=language, salutation="Professor")
        mail = make_mail(app, session, DeliveryKind.INVITATION)
    parts.sessions.kw["bind"].dispose()
    sys.stdout.write(f"{mail.subject}\n\n{mail.body}")


def speak(row: object, language: str) -> None:
    """Write the texts of a row in that language too: in the words of the Swedish ones."""
    for name in ("name", "theme", "city", "contact_name", "title", "venue", "dress_code"):
        texts = getattr(row, name, None)
        if isinstance(texts, dict):
            setattr(row, name, {**texts, language: texts["sv"]})


if __name__ == "__main__":
    with TemporaryDirectory() as instance:
        print_invitation(sys.argv[1], Path(instance))
