"""The fields of an answer: what is understood, what is refused, and where it can be mended."""

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from app.rsvp.changes import AnswerWish, CompanionWish, DietWish
from app.rsvp.forms import CompanionFields, Fields, FieldsRefusedError, read_fields, read_wish
from app.rsvp.models import Answer, Diet


@pytest.fixture(autouse=True)
def language():
    app = Flask("speaks English")
    Babel(app)
    with app.test_request_context():
        yield


def wish(*fields: tuple[str, str]) -> AnswerWish:
    return read_wish(read_fields(MultiDict([("answer", "accepted"), *fields])))


def refused(*fields: tuple[str, str]) -> dict[str, str]:
    with pytest.raises(FieldsRefusedError) as error:
        wish(*fields)
    return dict(error.value.mistakes)


def test_the_fields_are_read_as_they_were_typed():
    form = MultiDict(
        [
            ("answer", "accepted"),
            ("items", "opening"),
            ("items", "dinner"),
            ("companion_name", " Tomas "),
            ("companion_diet", "vegan"),
            ("message", "Gladly.\r\n"),
        ]
    )
    assert read_fields(form) == Fields(
        answer="accepted",
        items=frozenset({"opening", "dinner"}),
        diet="",
        companions=(CompanionFields(" Tomas ", "vegan"),),
        message="Gladly.\r\n",
    )


def test_a_whole_answer_is_understood():
    whole = wish(
        ("items", "dinner"),
        ("diet", "nut-allergy"),
        ("companion_name", " Tomas Rønnow "),
        ("companion_diet", "vegetarian"),
        ("message", " One.\r\nTwo.\rThree. "),
    )
    assert whole == AnswerWish(
        Answer.ACCEPTED,
        items=frozenset({"dinner"}),
        diet=DietWish(Diet.NUT_ALLERGY),
        companions=(CompanionWish("Tomas Rønnow", DietWish(Diet.VEGETARIAN)),),
        message="One.\nTwo.\nThree.",
    )


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("", DietWish(Diet.NONE)),
        ("none", DietWish(Diet.NONE)),
        ("Gluten free", DietWish(Diet.GLUTEN_FREE)),
        ("NUT_ALLERGY", DietWish(Diet.NUT_ALLERGY)),
        (" lactose - free ", DietWish(Diet.LACTOSE_FREE)),
        ("other", DietWish(Diet.OTHER)),
        (" inga skaldjur ", DietWish(Diet.OTHER, "inga skaldjur")),
    ],
)
def test_a_diet_is_understood_however_it_is_written(typed, understood):
    assert wish(("diet", typed)).diet == understood


def test_a_diet_of_several_lines_is_refused():
    assert list(refused(("diet", "no fish\nno meat"))) == ["diet"]


def test_a_decline_is_understood_alone_and_voids_the_rest():
    assert read_wish(Fields(answer="declined")) == AnswerWish(Answer.DECLINED)
    rest = Fields(
        answer="declined",
        items=frozenset({"dinner"}),
        companions=(CompanionFields("", "vegan"),),
        message="Regrets.",
    )
    assert read_wish(rest) == AnswerWish(Answer.DECLINED, message="Regrets.")


@pytest.mark.parametrize("answer", ["", "maybe", "Accepted", "accepted\x00"])
def test_an_unknown_answer_is_refused(answer):
    with pytest.raises(FieldsRefusedError) as error:
        read_wish(Fields(answer=answer))
    assert error.value.mistakes == (("answer-accepted", "Say whether you accept or decline."),)


def test_a_companion_without_a_diet_eats_everything():
    assert wish(("companion_name", "Tomas")).companions == (CompanionWish("Tomas"),)


def test_a_diet_without_a_companion_is_refused():
    assert refused(("companion_name", ""), ("companion_diet", "vegan")) == {
        "companion_name": "Give your companion’s name, or clear the companion’s diet."
    }


@pytest.mark.parametrize("diet", ["", "none"])
def test_no_diet_for_no_companion_is_no_mistake(diet):
    assert wish(("companion_name", " "), ("companion_diet", diet)).companions == ()


def test_each_companion_has_a_control_of_its_own():
    fields = [("companion_name", "Tomas"), ("companion_name", ""), ("companion_diet", "none")]
    assert list(refused(*fields, ("companion_diet", "vegan"))) == ["companion_name-2"]


@pytest.mark.parametrize(
    "name",
    ["Tomas\nRønnow", "Tomas\x07", "Tomas\u200bRønnow", "\u202eTomas", "Tomas\ufeff", "x" * 101],
)
def test_a_name_that_cannot_be_read_is_refused(name):
    assert list(refused(("companion_name", name))) == ["companion_name"]


@pytest.mark.parametrize("name", ["x" * 100, "José Ibáñez-Quirós", "山田 太郎", "O’Brien"])
def test_a_name_is_taken_as_its_owner_writes_it(name):
    assert wish(("companion_name", name)).companions == (CompanionWish(name),)


def test_a_no_break_space_in_a_name_is_a_space():
    assert wish(("companion_name", "Tomas\u00a0Rønnow")).companions[0].name == "Tomas Rønnow"


@pytest.mark.parametrize("message", ["x" * 2001, "\x00", "a\x1bb", "\ud800"])
def test_a_message_that_is_too_long_or_unreadable_is_refused(message):
    assert list(refused(("message", f"!{message}!"))) == ["message"]


def test_a_message_may_have_2000_characters_line_breaks_and_any_script():
    message = "Tack!\n\t日本語 👩‍💻\n".ljust(1999, "x") + "."
    assert wish(("message", message)).message == message


def test_every_mistake_is_told_at_once():
    fields = [("diet", "\x07"), ("companion_diet", "vegan"), ("message", "\x07!")]
    with pytest.raises(FieldsRefusedError) as error:
        read_wish(read_fields(MultiDict(fields)))
    assert [mistake.field for mistake in error.value.mistakes] == [
        "answer-accepted",
        "diet",
        "companion_name",
        "message",
    ]


@pytest.mark.parametrize("name", ["items", "companion_name", "companion_diet", "nonsense"])
def test_a_flood_of_fields_is_refused_unread(name):
    with pytest.raises(RequestEntityTooLarge):
        read_fields(MultiDict([(name, str(number)) for number in range(301)]))
