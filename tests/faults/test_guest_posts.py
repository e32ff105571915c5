"""Races of the guest's own POST for what is scarce: place, item, dinner, reserve, one answer."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.events.queries import get_event
from app.invitations.queries import place_ledger
from app.rsvp.edition import numbers_in_line
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp, RsvpChange
from app.rsvp.queries import item_counts
from tests.factories import make_dinner, make_event, make_item
from tests.rsvp.browsing import GuestsBrowser, invite

CROWD = 16


@pytest.fixture
def crowd(session, app) -> Callable[..., list[GuestsBrowser]]:
    """Make an event with some scarce things, and give the browsers of its guests."""

    def made(*, places: int = CROWD, workshop: int = 5, dinner: int = 8) -> list[GuestsBrowser]:
        event = make_event(session, place_limit=CROWD)
        make_dinner(session, event, dinner)
        make_item(session, event, "workshop", places=workshop)
        browsers = [invite(session, app, event) for _ in range(CROWD)]
        event.place_limit = places
        session.commit()
        return browsers

    return made


def press_at_once(presses: Sequence[Callable[[], object]]) -> list[int]:
    """Send every form in the same moment; return what each was answered."""
    barrier = Barrier(len(presses))

    def press(send: Callable[[], object]) -> int:
        barrier.wait()
        return send().status_code

    with ThreadPoolExecutor(len(presses)) as threads:
        return list(threads.map(press, presses))


def answers_to_workshop(app) -> Counter[str]:
    with app.extensions["couvert"].sessions() as session:
        rows = select(Choice.answer, func.count()).join(Choice.item)
        of_item = rows.where(Choice.item.has(slug="workshop")).group_by(Choice.answer)
        return Counter(dict(session.execute(of_item).all()))


def test_of_those_who_come_after_all_as_many_get_in_as_places_are_free(app, crowd):
    browsers = crowd()
    press_at_once([lambda one=one: one.press("declined") for one in browsers])
    with app.extensions["couvert"].sessions.begin() as session:
        get_event(session, "summit").place_limit = 3
    statuses = press_at_once([lambda one=one: one.press("accepted") for one in browsers])
    assert set(statuses) == {303}
    with app.extensions["couvert"].sessions() as session:
        ledger = place_ledger(session, get_event(session, "summit"))
        assert (ledger.accepted, ledger.free, ledger.declined) == (3, 0, CROWD - 3)
        wishes = select(func.count()).where(Rsvp.wishes_place_since.is_not(None))
        assert session.scalars(wishes).one() == CROWD - 3


def test_an_item_takes_as_many_as_it_has_places_and_numbers_the_rest(app, crowd):
    browsers = crowd()
    statuses = press_at_once(
        [lambda one=one: one.post(answer="accepted", items="workshop") for one in browsers]
    )
    assert set(statuses) == {303}
    with app.extensions["couvert"].sessions() as session:
        rsvps = session.scalars(select(Rsvp)).unique()
        numbers = [place for one in rsvps for place in numbers_in_line(session, one).values()]
        assert sorted(numbers) == list(range(1, CROWD - 4))
    assert answers_to_workshop(app) == {"yes": 5, "reserve": CROWD - 5}


def test_the_dinner_seats_guests_and_companions_together_and_no_more(app, crowd):
    browsers = crowd(dinner=9)
    fields = {"answer": "accepted", "items": "dinner", "companion_name": "Tomas Rønnow"}
    statuses = press_at_once([lambda one=one: one.post(**fields) for one in browsers])
    # Four pairs sit down; for a fifth one place is left, which is said to whom it concerns.
    assert set(statuses) <= {303, 422}
    with app.extensions["couvert"].sessions() as session:
        counts = item_counts(session, get_event(session, "summit").id)
        (dinner,) = (count for count in counts.values() if count.companions)
        assert (dinner.yes, dinner.companions) == (4, 4)


def test_places_given_back_at_once_go_to_the_first_in_line_in_their_order(app, crowd):
    browsers = crowd(workshop=5)
    for one in browsers:
        one.post(answer="accepted", items="workshop")
    statuses = press_at_once(
        [lambda one=one: one.post("/items/workshop/give-back") for one in browsers[:5]]
    )
    assert set(statuses) == {303}
    with app.extensions["couvert"].sessions() as session:
        rows = select(Choice.answer).order_by(Choice.rsvp_id)
        answers = list(session.scalars(rows.where(Choice.item.has(slug="workshop"))))
    assert answers == ["no"] * 5 + ["yes"] * 5 + ["reserve"] * (CROWD - 10)


def test_of_one_guests_many_tabs_one_answer_stands_and_the_others_are_told(app, crowd):
    guest = crowd()[0]
    wishes = [("workshop",), ("dinner",), ("workshop", "dinner"), ()] * 3
    statuses = press_at_once(
        [
            lambda items=items: guest.forwarded().post(
                answer="accepted", items=list(items), version=0
            )
            for items in wishes
        ]
    )
    assert Counter(statuses) == {303: 3, 409: 9}  # the same answer in three tabs is no conflict
    with app.extensions["couvert"].sessions() as session:
        versions = select(func.count(RsvpChange.version.distinct()))
        assert session.scalars(versions).one() == 1


def test_pressing_a_button_ten_times_counts_once(app, crowd):
    guest = crowd()[0]
    presses = [lambda: guest.forwarded().press("accepted") for _ in range(10)]
    assert set(press_at_once(presses)) == {303}
    with app.extensions["couvert"].sessions() as session:
        assert session.scalars(select(func.count(RsvpChange.id))).one() == 1
        yes = select(func.count()).where(Choice.answer == ChoiceAnswer.YES)
        assert session.scalars(yes).one() == 0
