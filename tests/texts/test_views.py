"""The pages of own words: what each mail says, checked while typing, never lost."""

import re
from collections import Counter
from html import unescape

import pytest

from app.deliveries.copies import copy_of, keep_copies
from app.deliveries.models import DeliveryKind
from app.deliveries.queries import list_deliveries
from app.guests.models import Guest
from app.mail.words import Words
from app.organisers.models import Role
from app.texts.kinds import WORDED
from app.texts.queries import list_versions
from app.texts.services import save_text
from tests.desk import Desk, text_of
from tests.factories import NOW, make_event, make_invitation, make_organiser
from tests.mails.composing import make_mail
from tests.test_templates import Page, controls

BODY = "{greeting}\n\nWelcome to **{city}**.\n\n{link}"
TYPED = {"subject": "Come to {event}", "body": BODY, "written_from": "0"}
WRONG = {**TYPED, "body": "{nmae} <b>x"}
PAGE = "texts/invitation/en"


@pytest.fixture
def event(session):
    made = make_event(session)
    make_invitation(session, made, last_name="Strøm-Łęcka")
    make_invitation(session, made, last_name="Öberg", language="sv")
    session.commit()
    return made


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


def save(session, event, subject="Come to {event}"):
    words = Words(subject, BODY)
    save_text(session, event, WORDED["invitation"], "en", words=words, by="Björn", now=NOW)
    session.commit()


def framed(html: str) -> str:
    """Return the mail that the page shows in its frame."""
    return unescape(re.findall(r'srcdoc="([^"]*)"', html)[0])


def live(desk, **fields):
    """Ask as the page does while somebody types."""
    desk.client.environ_base["HTTP_HX_REQUEST"] = "true"
    return desk.post(f"{PAGE}/check", **fields)


def test_the_list_says_whose_words_each_mail_has(desk, session, event):
    save(session, event)
    page = desk.page("texts")
    assert "Invitation Own words, version 1 Björn, 2 Nov, 10:00 Couvert’s words" in page
    assert "Confirmation Couvert’s words Couvert’s words" in page


def test_saved_words_are_shown_with_who_wrote_them(desk, session, event):
    response = desk.post(PAGE, **TYPED)
    assert response.status_code == 303
    page = desk.get(PAGE)
    assert "Version 1 is saved. The next mail says it." in text_of(page)
    assert "Version 1 by Astrid Lindhagen-Rask, 2 Nov, 10:00" in text_of(page)
    assert "<strong>Stockholm</strong>" in re.sub(r' style="[^"]*"', "", framed(page.text))


def test_before_own_words_the_form_begins_with_the_products(desk):
    html = desk.get(PAGE).text
    assert "This mail has Couvert’s words." in html
    assert "Please find our invitation below." in html
    assert "has the honour of inviting" in framed(html)


def test_words_to_mend_are_refused_with_what_was_typed(desk, session, event):
    refused = desk.post(PAGE, **WRONG)
    assert refused.status_code == 422
    assert "Please correct 3 things" in text_of(refused)
    assert "Line 1: “{nmae}” is no placeholder. Do you mean {name}?" in unescape(refused.text)
    assert "{nmae} &lt;b&gt;x</textarea>" in refused.text
    assert list_versions(session, event.id, "invitation", "en") == []


def test_while_typing_the_findings_come_alone_and_the_last_good_preview_stays(desk):
    answer = live(desk, **WRONG)
    assert answer.status_code == 200
    assert "3 things to mend before it can be saved:" in answer.text
    assert not {"<html", 'id="preview"'} & set(re.findall(r'<html|id="preview"', answer.text))


def test_while_typing_good_words_come_back_as_the_mail_of_the_chosen_guest(desk, session, event):
    guest = next(
        each.guest_id for each in list_deliveries(session, event.id) if each.language == "sv"
    )
    public_id = session.get_one(Guest, guest).public_id
    session.rollback()
    answer = live(desk, **TYPED, guest=public_id)
    assert "Nothing to mend." in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert "Öberg," in framed(answer.text)
    assert list_versions(session, event.id, "invitation", "en") == []


def test_the_mail_is_shown_as_plain_text_too(desk):
    answer = live(desk, **TYPED, shown="text")
    assert "Dear Dr Strøm-Łęcka,\n\nWelcome to Stockholm.\n\nhttp" in answer.text
    assert "srcdoc" not in answer.text


def test_checking_cannot_change_anything(app, desk):
    assert app.view_functions["texts.check_words"].reads_only
    assert not hasattr(app.view_functions["texts.save"], "reads_only")
    assert desk.post(f"{PAGE}/check", **TYPED).status_code == 200
    assert desk.post(PAGE, **TYPED).status_code == 303


def test_without_a_script_a_button_checks_on_a_whole_page(desk):
    page = desk.post(f"{PAGE}/check", **TYPED, shown="text")
    assert "Welcome to Stockholm." in page.text
    assert "<!DOCTYPE html>" in page.text
    wrong = desk.post(f"{PAGE}/check", **WRONG)
    assert (wrong.status_code, "{nmae} &lt;b&gt;x</textarea>" in wrong.text) == (200, True)


def test_of_two_who_write_at_once_the_later_sees_both(desk, session, event):
    save(session, event, "Björn’s subject")
    refused = desk.post(PAGE, **TYPED)
    assert refused.status_code == 409
    said = text_of(refused)
    assert "Somebody else has saved meanwhile" in said
    assert "Subject: Björn’s subject" in said
    assert 'value="Come to {event}"' in refused.text
    assert 'name="written_from" value="1"' in refused.text
    assert desk.post(PAGE, **{**TYPED, "written_from": "1"}).status_code == 303


def test_a_form_to_mend_still_knows_what_it_was_written_from(desk, session, event):
    save(session, event)
    refused = desk.post(PAGE, **WRONG)
    assert 'name="written_from" value="0"' in refused.text
    assert desk.post(PAGE, subject="x", body=BODY).status_code == 409


def test_back_to_the_products_words_and_up_again(desk, session, event):
    save(session, event)
    assert desk.post(f"{PAGE}/reset", written_from="0").status_code == 409
    assert desk.post(f"{PAGE}/reset", written_from="1").status_code == 303
    assert "back to Couvert’s words" in desk.page(PAGE)
    again = desk.get(f"{PAGE}?take=1").text
    assert "Welcome to **{city}**." in again
    assert 'name="written_from" value="2"' in again


def test_a_viewer_reads_the_words_and_their_mail_and_changes_nothing(app, session, event):
    save(session, event)
    viewer = make_organiser(session, event, Role.VIEWER)
    session.commit()
    desk = Desk(app).sign_in(viewer)
    page = desk.get(f"{PAGE}?shown=text")
    assert "Welcome to Stockholm." in page.text
    assert not re.findall(r"<textarea|Save</button>|/reset", page.text)
    assert desk.post(PAGE, **TYPED).status_code == 404


@pytest.mark.parametrize("path", ["texts/sign_in/en", "texts/invitation/de", "texts/nothing/en"])
def test_other_kinds_and_languages_have_no_page(desk, path):
    assert desk.get(path).status_code == 404


def test_the_frame_holds_its_own_styles_and_runs_nothing(desk):
    response = desk.get(PAGE)
    policy = response.headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self'; " in policy
    assert re.search(r"<iframe [^>]*\bsandbox>", response.text)


def test_the_pages_are_good_html(desk, session, event):
    save(session, event)
    moved_on = desk.post(PAGE, **{**TYPED, "subject": "Other"})
    found = [desk.get("texts"), desk.get(PAGE), desk.post(PAGE, **WRONG), moved_on]
    pages = [Page(re.sub(r'srcdoc="[^"]*"', "", response.text)) for response in found]
    for page in pages:
        ids = Counter(page.values("id"))
        assert (page.wrong, page.count("h1"), max(ids.values())) == ([], 1, 1)
        assert set(controls(page)) - set(page.values("for", "label")) == set()
        assert set(page.values("aria-labelledby") + page.values("aria-describedby")) <= set(ids)


def test_the_page_of_a_mail_says_in_which_words_it_went_out(app, desk, session, event):
    save(session, event)
    make_invitation(session, event)
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    own, product = list_deliveries(session, event.id)[:2]
    keep_copies(session, {(own.id, 1): copy_of(mail)})
    mail.text_id = None
    keep_copies(session, {(product.id, 1): copy_of(mail)})
    session.commit()
    said = desk.page(f"deliveries/{own.public_id}")
    assert "In own words, version 1, by Björn on 2 Nov, 10:00." in said
    assert "In Couvert’s words." in desk.page(f"deliveries/{product.public_id}")
