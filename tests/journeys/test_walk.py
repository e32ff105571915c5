"""The walk of the README, in a real browser: from the sign-in link to a guest's accepted dinner."""

from pathlib import Path

import pytest
from icalendar import Calendar

from app.mail.mailbox import StoredMail, attachment, list_mails, read_mail
from tests.journeys.conftest import keep_picture, open_page, violations
from tests.product import find_links, wait_until

EVENT = "public-services-summit-2009"
PHONE, DESK = 375, 1440
WORDS = {
    "en": {
        "accept": "I accept with pleasure",
        "send": "Save my choices",
        "thanks": "Thank you",
        "vegetarian": "Vegetarian",
        "dinner": "I will attend the dinner",
        "opening": "Opening: “Stockholm – A Smart Sustainable City”",
        "visit": "Study visit: Kista Science City and Ross Tensta Gymnasium",
    },
    "sv": {
        "accept": "Jag tackar ja",
        "send": "Spara mina val",
        "thanks": "Tack",
        "vegetarian": "Vegetarisk",
        "dinner": "Jag deltar i middagen",
        "opening": "Öppning: ”Stockholm – en smart och hållbar stad”",
        "visit": "Studiebesök: Kista Science City och Ross Tensta gymnasium",
        "decline": "Jag är tyvärr förhindrad",
    },
}
PAGES = (
    "",
    "guests",
    "programme",
    "invitations",
    "invitations/remind",
    "deliveries",
    "decisions",
    "digests",
    "brand",
    "requests",
)


def mails_to(folder: Path, address: str = "") -> list[StoredMail]:
    """Return the mails in the mailbox to that address, the newest first."""
    mails = [read_mail(folder, mail.id) for mail in list_mails(folder / ".", limit=500)]
    return [mail for mail in mails if address in mail.summary.recipient]


def guests_of(product, language: str) -> list[str]:
    listed = product.read("guests", "list", EVENT)
    return [guest["email"] for guest in listed if guest["language"] == language]


def press(page, words: str) -> None:
    """Press a row of the form by its words, as a finger would: the whole row is the target."""
    page.locator("label", has_text=words).first.click()


@pytest.fixture(scope="module")
def desk(browser, product):
    """The organiser's browser, signed in by the link that `serve` printed."""
    page = open_page(browser, DESK)
    # It comes a moment after the first line that says where the product runs.
    wait_until(lambda: bool(find_links(product.serving.output, "sign-in")), "the sign-in link")
    link = find_links(product.serving.output, "sign-in")[0]
    page.goto(link)
    keep_picture(page, "sign-in")
    page.get_by_role("button", name="Sign in").click()
    assert page.url == f"{product.url}/organiser/{EVENT}/"
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def mailbox(desk, product) -> Path:
    """The mailbox after the organiser has sent the first wave from the page."""
    desk.goto(f"{product.url}/organiser/{EVENT}/invitations")
    keep_picture(desk, "invitations-before")
    desk.get_by_role("button", name="Send 30 invitations").click()
    folder = product.folder / "mailbox"
    wait_until(lambda: len(mails_to(folder)) == 30, "the first wave")
    return folder


@pytest.mark.browser
def test_the_link_that_signed_in_signs_nobody_in_again(browser, desk, product):
    page = open_page(browser, PHONE)
    answer = page.goto(find_links(product.serving.output, "sign-in")[0])
    assert answer.status in {404, 410}
    page.goto(f"{product.url}/organiser/{EVENT}/")
    assert page.url == f"{product.url}/sign-in"
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_guest_accepts_with_programme_and_dinner(browser, product, mailbox, language, width):
    words = WORDS[language]
    address = guests_of(product, language)[0 if width == PHONE else 1]
    invitation = mails_to(mailbox, address)[-1]
    page = open_page(browser, width)
    page.goto(find_links(invitation.text, "rsvp")[0])
    keep_picture(page, f"guest-{language}-{width}")
    assert page.locator("html").get_attribute("lang") == language

    page.get_by_role("button", name=words["accept"]).click()
    press(page, words["opening"])
    press(page, words["visit"])
    press(page, words["dinner"])
    page.locator("#diet").select_option("vegetarian")
    page.locator("#companion_name").fill("Tomas Rønnow-Abay")
    page.locator("#companion_diet").select_option("none")
    page.get_by_role("button", name=words["send"]).click()

    keep_picture(page, f"answered-{language}-{width}")
    assert page.locator("h1").inner_text().startswith(words["thanks"])
    recorded = page.locator("#recorded").locator("xpath=..").inner_text()
    assert "Tomas Rønnow-Abay" in recorded
    assert words["vegetarian"] in recorded
    assert violations(browser, page) == []
    page.context.close()

    wait_until(lambda: len(mails_to(mailbox, address)) == 2, "the confirmation")
    confirmation = mails_to(mailbox, address)[0]
    assert "Tomas Rønnow-Abay" in confirmation.text
    files = [
        attachment(mailbox, confirmation.summary.id, attached.index).content
        for attached in confirmation.attachments
    ]
    assert [len(Calendar.from_ical(file).events) for file in files] == [1, 1, 1]


@pytest.mark.browser
def test_what_collides_is_refused_in_words_and_nothing_typed_is_lost(browser, product, mailbox):
    address = guests_of(product, "en")[2]
    page = open_page(browser, PHONE)
    page.goto(find_links(mails_to(mailbox, address)[-1].text, "rsvp")[0])
    page.get_by_role("button", name=WORDS["en"]["accept"]).click()
    press(page, WORDS["en"]["visit"])
    press(page, "Study visit: the STOKAB model, fibre and green IT")
    page.locator("#message").fill("I arrive on Tuesday.")
    page.get_by_role("button", name=WORDS["en"]["send"]).click()
    keep_picture(page, "refused-en-375")
    assert page.title().startswith("Error: ")
    assert page.locator("#message").input_value() == "I arrive on Tuesday."
    assert page.locator("#item-visit-kista").is_checked()
    assert page.locator(".error-summary a").count() == 1
    assert violations(browser, page) == []
    page.context.close()


@pytest.mark.browser
def test_a_guest_declines_and_the_place_is_free(browser, product, mailbox):
    address = guests_of(product, "sv")[2]
    free = product.read("events", "status", EVENT)["free"]
    page = open_page(browser, PHONE)
    page.goto(find_links(mails_to(mailbox, address)[-1].text, "rsvp")[0])
    page.get_by_role("button", name=WORDS["sv"]["decline"]).click()
    keep_picture(page, "declined-sv-375")
    assert violations(browser, page) == []
    page.context.close()
    status = product.read("events", "status", EVENT)
    assert status["free"] == free + 1
    assert status["next_on_reserve"]["rank"] == 1


@pytest.mark.browser
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_of_the_organiser_is_accessible(browser, product, desk, mailbox, width):
    listed = product.read("guests", "list", EVENT)
    desk.set_viewport_size({"width": width, "height": 900})
    desk.goto(f"{product.url}/organiser/{EVENT}/guests")
    guest = desk.get_by_role("link", name=listed[0]["name"]).first.get_attribute("href")
    paths = [f"/organiser/{EVENT}/{page}" for page in PAGES]
    found = {}
    for path in [*paths, str(guest), "/mailbox"]:
        desk.goto(f"{product.url}{path}")
        keep_picture(desk, f"desk-{path.strip('/').replace('/', '-')}-{width}")
        found[path] = violations(browser, desk)
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.browser
def test_a_mail_is_shown_as_a_person_would_see_it(browser, product, mailbox):
    page = open_page(browser, DESK)
    page.goto(f"{product.url}/mailbox")
    page.locator("tbody a").first.click()
    keep_picture(page, "mailbox-mail")
    assert page.frame_locator("iframe").locator("h1").count() == 1
    assert violations(browser, page) == []
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/rsvp/WyJub2JvZHkiLDFd.aaaa.bbbb", "/rsvp/x", "/sign-in/x"])
def test_a_link_that_is_not_good_gets_a_courteous_page(browser, product, path):
    page = open_page(browser, PHONE)
    answer = page.goto(f"{product.url}{path}")
    keep_picture(page, f"not-good-{path.split('/')[1]}")
    assert answer.status in {404, 410}
    assert violations(browser, page) == []
    page.context.close()


@pytest.mark.browser
def test_no_link_stands_in_the_log(product, mailbox):
    printed = set(find_links(product.serving.output, "sign-in"))
    links = {link for mail in mails_to(mailbox) for link in find_links(mail.text, "rsvp")}
    tokens = {link.rsplit("/", 1)[1] for link in links}
    assert len(tokens) >= 30
    assert [token for token in tokens if token in product.serving.output] == []
    assert len(printed) == 1
