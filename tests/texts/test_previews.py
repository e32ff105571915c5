"""A preview is the mail itself, for any guest, and every placeholder of its kind can be filled."""

import pytest

from app.dashboard.previews import preview_mail
from app.deliveries.models import DeliveryKind
from app.language import LANGUAGES
from app.mail.words import Words
from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.models import Answer, AnswerChannel, Diet
from app.rsvp.services import record_answer
from app.texts.kinds import WORDED, kinds_of
from app.texts.services import save_text
from tests.factories import NOW, make_dinner, make_event, make_guest, make_invitation, make_item
from tests.mails.composing import html_of, make_mail, masked_text, parts_of

TAKING_PART = tuple(WORDED)


@pytest.fixture
def event(session):
    made = make_event(session)
    make_dinner(session, made)
    for slug in ("workshop", "visit"):  # at the same time
        make_item(session, made, slug)
    return made


def preview(app, session, event, guest, kind, *, words=None, language="en"):
    with app.app_context():
        return preview_mail(
            session,
            event,
            guest,
            kind,
            language=language,
            words=words,
            parts=parts_of(app),
            now=NOW,
        )


def test_mails_whose_templates_leave_room_can_have_own_words(app):
    offered = [worded.kind for worded in kinds_of(parts_of(app).composer)]
    assert set(TAKING_PART) <= set(offered)
    assert not parts_of(app).composer.takes_words("sign_in")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", TAKING_PART)
def test_every_kind_fills_every_placeholder_of_its_own(app, session, event, kind, language):
    worded = WORDED[kind]
    body = "\n\n".join(f"{{{name}}}" for name in worded.placeholders)
    subject = " ".join(f"{{{name}}}" for name in worded.in_subject)
    guest = make_guest(session, event)
    mail = preview(app, session, event, guest, kind, words=Words(subject, body), language=language)
    assert "{" not in mail.subject + mail.text
    assert guest.last_name in mail.subject
    assert "City Executive Office" in mail.text or "Stadsledningskontoret" in mail.text


@pytest.mark.parametrize("kind", TAKING_PART)
def test_own_words_take_the_place_of_the_products(app, session, event, kind):
    guest = make_guest(session, event)
    own = preview(app, session, event, guest, kind, words=Words("Subject", "Splendid.\n\n{link}"))
    plain = preview(app, session, event, guest, kind)
    assert ("Dear" in plain.text, "Dear" in own.text) == (True, False)
    assert own.html.count("Splendid.") == own.text.count("Splendid.") == 1


def test_the_preview_is_the_mail_that_goes_out(app, session, event):
    words = Words("Come, {name}", "{greeting}\n\nWelcome.\n\n{link}")
    save_text(session, event, WORDED["invitation"], "en", words=words, by="Astrid", now=NOW)
    guest = make_invitation(session, event).guest
    shown = preview(app, session, event, guest, "invitation", words=words)
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    sent = masked_text(mail).partition("\n\n")
    mail.subject, mail.body, mail.alts = shown.subject, shown.text, {"html": shown.html}
    assert (masked_text(mail).partition("\n\n")) == sent
    assert "preview" not in html_of(mail)


def test_the_link_of_a_preview_opens_nothing(app, client, session, event):
    guest = make_invitation(session, event).guest
    session.commit()
    mail = preview(app, session, event, guest, "invitation")
    link = next(line for line in mail.text.splitlines() if line.startswith("http"))
    assert client.get(link.removeprefix("http://couvert.test")).status_code == 404


def test_a_preview_shows_nothing_of_the_guests_own_answer(app, session, event):
    invitation = make_invitation(session, event)
    wish = AnswerWish(
        Answer.ACCEPTED,
        frozenset({"dinner"}),
        diet=DietWish(Diet.VEGAN, "no nuts"),
        companions=(CompanionWish("Tomas", DietWish(Diet.NONE)),),
        message="By train",
    )
    record_answer(session, invitation, wish, channel=AnswerChannel.GUEST, actor="", now=NOW)
    mail = preview(app, session, event, invitation.guest, "confirmation")
    told = ("Vegan", "no nuts", "Tomas", "By train")
    assert [word for word in told if word in mail.text + mail.html] == []
    assert "Dinner" in mail.text


def test_a_preview_leaves_no_trace(app, session, event):
    guest = make_guest(session, event)
    for kind in TAKING_PART:
        preview(app, session, event, guest, kind)
    assert (list(session.new), list(session.dirty)) == ([], [])
