"""The code by mail: what it opens, how often it may be tried, and where it must come first."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.codes.digits import digits_of
from app.codes.models import Code
from app.codes.services import CodeOverError, WrongCodeError, use_code
from app.delegates.queries import Bearer
from app.deliveries.copies import copy_of
from app.deliveries.models import Delivery, DeliveryKind
from app.deliveries.services import ObsoleteError
from app.invitations.models import Invitation
from app.invitations.withdrawing import withdraw
from tests.desk import text_of
from tests.factories import NOW
from tests.faults.racing import race
from tests.mails.composing import make_mail
from tests.rsvp.browsing import invite

HEALTH = {"diet": "vegan", "diet_words": "no celery", "access_needs": "a hearing loop"}


@pytest.fixture
def answered(browser):
    browser.post(answer="accepted", items="dinner", **HEALTH)
    return browser


@pytest.fixture
def digits(app):
    """Return the digits of the newest code, as its mail says them."""

    def read() -> str:
        with app.extensions["couvert"].sessions() as session:
            code = session.scalars(select(Code).order_by(Code.id.desc())).first()
            assert code is not None
            return digits_of(code.public_id, app.extensions["couvert"].settings.secret_key)

    return read


def wrong(digits: str) -> str:
    return str((int(digits) + 1) % 1_000_000).zfill(6)


def test_the_right_digits_show_everything_in_another_browser(answered, digits):
    other = answered.forwarded()
    assert other.post("/code/send").status_code == 303
    assert "Sent by mail. Good until 10:10." in other.text("/code")
    assert other.post("/code", code=digits()).status_code == 303
    assert "no celery" in other.text()


def test_the_page_names_the_address_to_its_owner_alone(answered, invitation):
    page = answered.forwarded().get("/code").text
    assert "g…@example.org" in page
    assert invitation.guest.email not in page


def test_wrong_digits_are_counted_and_the_fifth_ends_the_code(answered, digits):
    other = answered.forwarded()
    other.post("/code/send")
    for left in (4, 3, 2):
        assert f"{left} tries are left." in text_of(other.post("/code", code=wrong(digits())))
    assert "One try is left." in text_of(other.post("/code", code="12"))
    assert "it was the last try" in text_of(other.post("/code", code=wrong(digits())))
    assert other.post("/code", code=digits()).status_code == 422
    assert "celery" not in other.text()


def test_a_code_is_good_once(answered, digits):
    first, second = answered.forwarded(), answered.forwarded()
    first.post("/code/send")
    right = digits()
    first.post("/code", code=right)
    assert second.post("/code", code=right).status_code == 422


@pytest.mark.parametrize(("seconds", "status"), [(599, 303), (600, 422)])
def test_a_code_is_good_for_ten_minutes(answered, digits, clock, seconds, status):
    other = answered.forwarded()
    other.post("/code/send")
    clock[0] = NOW + timedelta(seconds=seconds)
    assert other.post("/code", code=digits()).status_code == status


def test_another_code_is_sent_after_a_minute_and_ends_the_first(answered, digits, clock):
    other = answered.forwarded()
    other.post("/code/send")
    first = digits()
    response = other.post("/code/send")
    assert response.status_code == 422
    assert "Another code can be sent from 10:01 on." in text_of(response)
    clock[0] = NOW + timedelta(minutes=1)
    assert other.post("/code/send").status_code == 303
    assert "That is not the code." in text_of(other.post("/code", code=first))


def test_five_codes_are_sent_in_an_hour(answered, app, clock):
    other = answered.forwarded()
    for minute in range(5):
        clock[0] = NOW + timedelta(minutes=minute)
        assert other.post("/code/send").status_code == 303
    clock[0] = NOW + timedelta(minutes=5)
    assert "from 11:00 on" in text_of(other.post("/code/send"))


def test_the_mail_says_the_digits_in_its_body_alone_and_no_copy_keeps_them(
    app, session, answered, digits
):
    answered.forwarded().post("/code/send")
    right = digits()
    mail = make_mail(app, session, DeliveryKind.CODE)
    assert right in str(mail.body)
    assert right not in str(mail.subject)
    copy = copy_of(mail)
    assert (right in copy.text, right in copy.page) == (False, False)


def test_nothing_is_sent_where_a_code_would_show_nothing_more(browser, session):
    assert browser.post("/code/send").status_code == 303
    browser.press("accepted")
    assert browser.post("/code/send").status_code == 303
    assert browser.get("/code").status_code == 303
    assert session.scalars(select(Code)).all() == []


def test_no_mail_goes_out_for_a_withdrawn_invitation(app, session, event, answered, invitation):
    answered.forwarded().post("/code/send")
    withdraw(session, event, email=invitation.guest.email, now=NOW)
    with pytest.raises(ObsoleteError):
        make_mail(app, session, DeliveryKind.CODE)


def test_no_mail_goes_out_with_a_code_that_is_over(app, session, answered):
    answered.forwarded().post("/code/send")
    with pytest.raises(ObsoleteError):
        make_mail(app, session, DeliveryKind.CODE, now=NOW + timedelta(minutes=10))


def test_opening_pages_sends_and_uses_nothing(answered, session):
    for path in ("/code", "/code/send"):
        answered.get(path)
    assert session.scalars(select(Code)).all() == []
    of_kind = select(Delivery).where(Delivery.kind == DeliveryKind.CODE)
    assert session.scalars(of_kind).all() == []


def test_of_twenty_tries_at_once_five_count(app, session, sessions, answered, invitation):
    answered.forwarded().post("/code/send")
    row_id = invitation.id
    session.rollback()

    def try_one(opened, number: int) -> str:
        bearer = Bearer(opened.get_one(Invitation, row_id))
        try:
            use_code(opened, bearer, f"{number}", keys=["other"], now=NOW)
        except (WrongCodeError, CodeOverError) as error:
            return type(error).__name__
        return "right"

    results = race(sessions, range(20), try_one)
    assert sorted(results) == ["CodeOverError"] * 15 + ["WrongCodeError"] * 5


@pytest.fixture
def guarded(session, event, answered):
    """The event asks for a code before it shows an answer."""
    event.code_first = True
    session.commit()
    return answered


@pytest.mark.parametrize("rest", ["", "?change=1", "/calendar.ics", "/places", "/delegates"])
def test_where_a_code_comes_first_another_browser_sees_nothing(guarded, rest):
    response = guarded.forwarded().get(rest)
    assert response.status_code == 303
    assert response.location.endswith("/code")


def test_and_changes_nothing(guarded):
    other = guarded.forwarded()
    assert other.press("declined").status_code == 303
    assert other.post("/items/dinner/give-back").status_code == 303
    assert "no celery" in guarded.text()


def test_the_guests_own_browser_goes_on_and_an_open_invitation_is_open(
    session, app, guarded, event
):
    assert "no celery" in guarded.text()
    assert "I accept with pleasure" in invite(session, app, event).text()


def test_with_the_code_the_other_browser_is_as_good(guarded, digits):
    other = guarded.forwarded()
    other.post("/code/send")
    other.post("/code", code=digits())
    assert "no celery" in other.text()
    assert other.press("declined").status_code == 303
    assert "noted with regret" in guarded.text()
