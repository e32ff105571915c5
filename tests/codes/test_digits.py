"""Digits derived from a code's id and a key."""

from hypothesis import given
from hypothesis import strategies as st

from app.codes.digits import are_right, digits_of

KEY, OLD = "a secret of the tests", "an older secret"


@given(st.text(min_size=1, max_size=32))
def test_they_are_six_and_always_the_same(public_id):
    digits = digits_of(public_id, KEY)
    assert (len(digits), digits.isdecimal(), digits) == (6, True, digits_of(public_id, KEY))


def test_another_id_and_another_key_give_others():
    assert digits_of("a", KEY) != digits_of("b", KEY)
    assert digits_of("a", KEY) != digits_of("a", OLD)


def test_blanks_between_the_digits_are_no_matter():
    digits = digits_of("a", KEY)
    assert are_right(f" {digits[:3]} {digits[3:]} ", "a", [KEY])


def test_a_code_of_an_older_key_in_force_is_right_too():
    assert are_right(digits_of("a", OLD), "a", [KEY, OLD])
    assert not are_right(digits_of("a", OLD), "a", [KEY])


@given(st.text(max_size=40))
def test_what_is_typed_at_random_is_wrong(typed):
    digits = digits_of("a", KEY)
    assert are_right(typed, "a", [KEY]) == ("".join(typed.split()) == digits)
