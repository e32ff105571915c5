"""A mail filled from a draft is the mail its templates make, for whatever name a guest has."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.deliveries.models import DeliveryKind
from app.invitations.reminding import remind
from app.language import JINJA_FILTERS, LANGUAGES, long_date
from app.logs import mask_links
from app.mail.compose import Composer
from app.mail.gaps import Gap, printed
from app.organisers.services import request_sign_in
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from app.worker.jobs import compose
from tests.factories import NOW, both, make_dinner, make_event, make_invitation, make_organiser
from tests.mails.composing import Plainly, html_of, masked_text, newest, parts_of

NAMES = [
    """Åsa <b>"O'Neil" & Söner""",
    "<script>alert('&amp;')</script> ]]> --> </td></p> &#39; &quot",
    "a very long name, no\u00a0break\u2028soft\u00adhyphen " * 2,
    "李明 🎉 {{ 7 * 7 }} %(name)s {} %s \\1",
    str(printed(Gap.of("link"))),
]

ASKED = (DeliveryKind.INVITATION, DeliveryKind.REMINDER)
TOLD = (DeliveryKind.CONFIRMATION, DeliveryKind.SIGN_IN)


class Tree(HTMLParser):
    """What a reader's program sees: tags with their attributes, texts, comments."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.feed(mask_links(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, attrs))

    def handle_endtag(self, tag):
        self.seen.append(tag)

    def handle_data(self, data):
        self.seen.append(["text", data])

    def handle_comment(self, data):
        self.seen.append(["comment", data])


@pytest.fixture
def event(session):
    return make_event(session, hosts=[], theme=both("Möt <i>'framtiden'</i> & \"oss\""))


def ask_for_every_mail(session, event, name: str, language: str) -> None:
    """Leave a delivery of every kind that is composed when it is sent, to a guest of that name."""
    make_dinner(session, event)
    who = {"first_name": name, "last_name": name, "language": language}
    answered = make_invitation(session, event, **who)
    companions = (CompanionWish(name, DietWish(Diet.NONE)),)
    wish = AnswerWish(Answer.ACCEPTED, frozenset({"dinner"}), companions=companions, message=name)
    record_answer(session, answered, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    make_invitation(session, event, **who)
    remind(session, event, by="Astrid", now=NOW)
    request_sign_in(
        session, make_organiser(session, event, name=name, language=language).email, NOW
    )
    session.flush()


def composed(app, session, kind, composer):
    with app.app_context():
        parts = replace(parts_of(app), composer=composer)
        return compose(session, newest(session, kind), parts, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_every_mail_is_the_one_its_templates_make(app, session, event, name, language):
    ask_for_every_mail(session, event, name, language)
    composer = parts_of(app).composer
    plainly = Plainly(composer.folder, composer.filters)
    for kind in (*ASKED, *TOLD):
        mail = composed(app, session, kind, composer)
        plain = composed(app, session, kind, plainly)
        assert masked_text(mail) == masked_text(plain)
        assert Tree(html_of(mail)).seen == Tree(html_of(plain)).seen


@pytest.mark.parametrize("kind", ASKED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_guests_of_one_event_are_asked_by_one_draft(app, session, event, kind, language):
    dates = []
    composer = Composer(
        parts_of(app).composer.folder,
        {**JINJA_FILTERS, "long_date": lambda day: dates.append(day) or long_date(day)},
    )
    event.place_limit = 2
    for name in NAMES[:2]:
        make_invitation(session, event, last_name=name, language=language)
        remind(session, event, by="Astrid", now=NOW)
        session.flush()
        composed(app, session, kind, composer)
        dates.append(name)
    assert dates[0] != NAMES[0]
    assert dates[-2:] == NAMES[:2]
