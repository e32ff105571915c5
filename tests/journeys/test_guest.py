"""The guest's walks: phone and desk, two languages, with and without scripts, by keyboard."""

import time
from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import keep_picture, open_page, violations
from tests.journeys.hands import Keyboard, Pointer
from tests.journeys.summit import Summit
from tests.product import Product

PHONE, DESK = 375, 1440
WORDS = {
    "en": {
        "reserved": "Your place at the Public Services Summit is reserved.",
        "choose": "Please choose your parts of the programme below.",
        "recorded": "What we have recorded",
        "regret": "We have noted with regret",
        "reserve": "as number 1",
        "in line": "You are number 1 on the reserve.",
        "free": "A place became free, and it is yours.",
        "together": "Choose one of the two",
        "clash": "At the same time: Nobel Prize Award Ceremony",
        "asked": "You asked to give your place up.",
        "granted": "We wish you a good meeting.",
    },
    "sv": {
        "reserved": "Er plats vid Public Services Summit är reserverad.",
        "choose": "Välj gärna Era delar av programmet här nedan.",
        "recorded": "Detta har vi registrerat",
        "regret": "Vi har med beklagande noterat",
        "reserve": "som nummer 1",
        "in line": "Ni står som reserv nummer 1.",
        "free": "En plats har blivit ledig, och den är Er.",
        "together": "Välj en av de två",
        "clash": "Samtidigt: Nobelprisutdelningen",
        "asked": "Ni önskade avstå från Er plats.",
        "granted": "We wish you a good meeting.",
    },
}


@dataclass(frozen=True)
class Way:
    """How a guest goes. The four hold each pair of width, language, scripts and hand once."""

    number: int
    width: int
    language: str
    scripts: bool
    hand: type[Pointer]

    def __str__(self) -> str:
        scripts = "scripts" if self.scripts else "bare"
        return f"{self.width}-{self.language}-{scripts}-{self.hand.__name__.lower()}"


WAYS = (
    Way(0, PHONE, "en", scripts=False, hand=Pointer),
    Way(1, PHONE, "sv", scripts=True, hand=Keyboard),
    Way(2, DESK, "sv", scripts=False, hand=Keyboard),
    Way(3, DESK, "en", scripts=True, hand=Pointer),
)


@dataclass
class Walk:
    """A guest on the way: the page open in a browser of its own."""

    summit: Summit
    way: Way
    email: str
    page: Page
    hand: Pointer

    def see(self, name: str) -> None:
        """Look for the words of that name on the page."""
        words = WORDS[self.way.language][name]
        text = " ".join(self.page.locator("body").inner_text().split())
        assert words in text, f"{words!r} is not in {text[:1500]!r}"

    def look(self, name: str) -> None:
        """Keep a picture, and let axe look at the page: without scripts, in both languages."""
        keep_picture(self.page, f"guest-{name}-{self.way}")
        if not self.way.scripts:
            assert violations(self.page.context.browser, self.page) == []


@pytest.fixture(scope="module")
def summit(tmp_path_factory):
    with Product(tmp_path_factory.mktemp("summit")) as product:
        made = Summit(product)
        made.prepare()
        product.serving = product.serve()
        made.send()
        yield made
        assert product.serving.stop() == 0


@pytest.fixture(params=WAYS, ids=str)
def walk(request, browser: Browser, summit):
    way: Way = request.param
    page = open_page(browser, way.width, scripts=way.scripts)
    email = summit.next_guest(way.language)
    page.goto(summit.link(email))
    yield Walk(summit, way, email, page, way.hand(page))
    page.context.close()


@pytest.mark.browser
def test_accept_with_parts_takes_under_a_minute(walk):
    begun = time.monotonic()
    walk.look("open")
    walk.hand.press("#answer-accepted")
    walk.see("reserved")
    walk.see("choose")
    assert walk.summit.answer_of(walk.email) == "accepted"
    walk.look("half-way")
    walk.hand.tick("item-opening")
    walk.hand.tick("item-dinner")
    walk.hand.choose("diet", "vegan")
    walk.hand.type("diet_words", "no celery")
    walk.hand.type("companion_name", "Tomas Rønnow-Abay")
    walk.hand.press(".send button")
    walk.see("recorded")
    assert time.monotonic() - begun < 60
    text = walk.page.locator("main").inner_text()
    assert "Tomas Rønnow-Abay" in text
    assert "no celery" in text
    walk.look("answered")


@pytest.mark.browser
def test_decline_and_undo(walk):
    walk.hand.press("#answer-declined")
    walk.see("regret")
    assert walk.summit.answer_of(walk.email) == "declined"
    walk.look("declined")
    walk.hand.press(".card__actions button")
    walk.see("reserved")
    assert walk.summit.answer_of(walk.email) == "accepted"
    walk.hand.press("details.decline summary")
    walk.hand.press("details.decline button")
    walk.see("regret")
    assert walk.summit.answer_of(walk.email) == "declined"


@pytest.mark.browser
def test_a_full_item_the_reserve_and_the_place_given_back(browser, walk):
    item = f"workshop-{walk.way.number}"
    before = take_the_place(browser, walk, item)
    walk.page.reload()
    walk.see("reserve")
    walk.hand.press("#answer-accepted")
    walk.hand.tick(f"item-{item}")
    walk.hand.press(".send button")
    walk.see("in line")
    walk.look("reserve")
    Pointer(before).press("details.decline summary")
    Pointer(before).press("details.decline button")
    walk.page.reload()
    walk.see("free")
    walk.look("free")
    walk.hand.press(f"form[action$='/{item}/give-back'] button")
    assert walk.summit.yes(item) == 0
    before.context.close()


def take_the_place(browser: Browser, walk: Walk, item: str) -> Page:
    """Let another guest have the item's one place; return that guest's page."""
    page = open_page(browser, DESK)
    page.goto(walk.summit.link(walk.summit.next_guest("en")))
    Pointer(page).tick(f"item-{item}")
    Pointer(page).press("#answer-accepted")
    return page


@pytest.mark.browser
def test_what_overlaps_is_refused_and_what_clashes_is_the_guests_to_decide(walk):
    walk.see("clash")
    walk.hand.press("#answer-accepted")
    walk.hand.tick("item-visit-kista")
    walk.hand.tick("item-visit-stokab")
    walk.hand.tick("item-closing")
    walk.hand.type("message", "I arrive on Tuesday.")
    walk.hand.press(".send button")
    walk.see("together")
    assert walk.page.title().startswith(("Error: ", "Fel: "))
    assert walk.page.locator("#message").input_value() == "I arrive on Tuesday."
    walk.look("refused")
    walk.hand.press(".error-summary a")
    walk.hand.tick("item-visit-stokab")
    walk.hand.press(".send button")
    walk.see("recorded")
    assert (walk.summit.yes("visit-kista") > 0, walk.summit.yes("closing") > 0) == (True, True)


@pytest.mark.browser
def test_an_assistant_answers_by_an_own_link_until_it_is_ended(browser, walk):
    assistant = f"assistant{walk.way.number}@example.org"
    walk.hand.press("a[href*='/delegates']")
    walk.hand.type("delegate_name", "Anna Berg")
    walk.hand.type("delegate_email", assistant)
    walk.hand.press("form.stack button")
    walk.look("delegates")
    office = open_page(browser, walk.way.width, scripts=walk.way.scripts)
    office.goto(walk.summit.link(assistant))
    hand = walk.way.hand(office)
    hand.press("#answer-accepted")
    assert office.locator("#diet").count() == 0
    hand.tick("item-opening")
    hand.press(".send button")
    assert walk.summit.answer_of(walk.email) == "accepted"
    walk.hand.press("form[action*='/revoke'] button")
    assert office.reload().status == 404
    office.context.close()


@pytest.mark.browser
def test_a_representative_takes_the_guests_place_and_the_first_link_dies(browser, walk):
    deputy = f"deputy{walk.way.number}@example.org"
    walk.hand.press("a[href*='/representative']")
    walk.hand.type("first_name", "Ingrid")
    walk.hand.type("last_name", "Sjöö")
    walk.hand.type("email", deputy)
    walk.hand.press("form.stack button")
    walk.look("representative")
    walk.summit.grant_newest("Welcome.")
    assert walk.page.reload().status == 404
    page = open_page(browser, walk.way.width, scripts=walk.way.scripts)
    page.goto(walk.summit.link(deputy))
    walk.way.hand(page).press("#answer-accepted")
    assert walk.summit.answer_of(deputy) == "accepted"
    page.context.close()


@pytest.mark.browser
def test_after_the_lock_a_change_is_asked_for_and_granted(walk):
    walk.hand.press("#answer-accepted")
    walk.hand.tick("item-late")
    walk.hand.press(".send button")
    walk.summit.lock("late", on=date(2026, 11, 1))
    walk.page.reload()
    walk.hand.press(".record details summary")
    walk.hand.tick("request-late-no")
    walk.hand.type("request-late", "A meeting with the minister of finance.")
    walk.hand.press(".record details button")
    walk.see("asked")
    walk.look("late-change")
    walk.summit.grant_newest("We wish you a good meeting.")
    walk.page.reload()
    walk.see("granted")
    assert walk.summit.yes("late") == 0
    walk.summit.lock("late", on=date(2090, 12, 1))


@pytest.mark.browser
def test_the_page_can_be_used_at_320_px_and_at_four_times_the_size(browser, summit):
    page = open_page(browser, 320)
    page.goto(summit.link(summit.next_guest("sv")))
    for step in ("", "#answer-accepted", ".send button"):
        if step:
            Pointer(page).press(step)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320
        keep_picture(page, f"guest-320-{step.strip('#.').replace(' ', '-') or 'open'}")
    page.context.close()


@pytest.mark.browser
def test_every_target_is_44_px_high(browser, summit):
    page = open_page(browser, PHONE)
    page.goto(summit.link(summit.next_guest("en")))
    Pointer(page).press("#answer-accepted")
    low = page.evaluate(LOW_TARGETS)
    assert low == []
    page.context.close()


LOW_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter(one => one.type !== "hidden" && !one.closest(".vh, .skip, p:not(.links):not(.row)"))
    .map(one => one.closest(".item, .choice") ?? one)
    .filter(one => one.getBoundingClientRect().height < 44)
    .map(one => one.outerHTML.slice(0, 120))"""
