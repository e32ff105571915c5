"""Addresses: read as their owners write them, and folded so that spellings of one are equal."""

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from app.addresses import AddressRefusedError, email_key, fold, is_plain, read_address


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("zofia@example.org", "zofia@example.org"),
        ("Zofia.Lecka@EXAMPLE.org", "Zofia.Lecka@example.org"),
        ("o'hara+summit@mail.example.org", "o'hara+summit@mail.example.org"),
        ("åsa@exämple.se", "åsa@exämple.se"),
        ("office@ministry.test", "office@ministry.test"),
    ],
)
def test_an_address_keeps_its_owners_spelling(written, read):
    assert read_address(written) == read


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "the address is missing"),
        ("Zofia <zofia@example.org>", "the cell holds more than the address"),
        ("mailto:zofia@example.org", "the cell holds more than the address"),
        ("a@example.org; b@example.org", "the cell holds more than one address"),
        ("zofia.example.org", 'the address has no "@"'),
        ("zofia@", "the address has no domain"),
        ("@example.org", 'the address has nothing before the "@"'),
        ("zofia@@example.org", 'the address has more than one "@"'),
        ("zofia lecka@example.org", "the address has a space in it"),
        ("zofia..lecka@example.org", "the address has two dots in a row"),
        ("zofia@example", "the domain of the address has no dot"),
    ],
)
def test_a_bad_address_is_refused_in_plain_words(written, message):
    with pytest.raises(AddressRefusedError) as refused:
        read_address(written)
    assert refused.value.message == message
    assert str(refused.value) == f"{message}. {refused.value.mend}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zofia@Example.org", "zofia@example.org"),
        ("\uff3a\uff2f\uff26\uff29\uff21@example.org", "zofia@example.org"),
        ("a\u030asa@example.se", "åsa@example.se"),
        ("zofia@exämple.se", "zofia@xn--exmple-cua.se"),
        ("zofia@EXÄMPLE.se", "zofia@exämple.se"),
    ],
)
def test_two_spellings_of_one_address_have_one_key(one, other):
    assert email_key(one) == email_key(other)


def test_different_addresses_have_different_keys():
    written = ["asa@example.se", "åsa@example.se", "asa@example.org", "asa.s@example.se"]
    assert len({email_key(address) for address in written}) == len(written)


@given(text=st.text(max_size=80))
def test_any_text_has_a_key_and_its_key_is_its_own(text):
    assert email_key(email_key(text)) == email_key(text)
    assert fold(fold(text)) == fold(text)


@given(text=st.from_regex(r"[A-Za-z0-9_.+-]{1,12}@[a-z0-9.-]{1,12}\.[a-z]{2,4}", fullmatch=True))
def test_the_short_way_takes_only_what_the_library_takes_unchanged(text):
    if is_plain(text):
        checked = validate_email(text, check_deliverability=False, test_environment=True)
        assert checked.normalized == text
