"""Signed links: only ours open, each for its purpose, its time and its keys."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tokens import LONGEST_TOKEN, Claim, Expired, Invalid, LinkError, Signer, make_signers

KEY = "a secret of the tests, long enough"
CLAIM = Claim("Zm9vYmFyYmF6cXV4", 3)
SIGNER = make_signers(KEY).rsvp
TOKEN = SIGNER.sign(CLAIM)


def test_a_link_says_whom_it_belongs_to_and_its_version():
    assert SIGNER.read(TOKEN) == CLAIM


def test_a_link_fits_into_a_url_and_holds_no_more_than_the_claim():
    assert set(TOKEN) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(TOKEN) < LONGEST_TOKEN / 2


@given(place=st.integers(0, len(TOKEN) - 2), letter=st.sampled_from("AZaz09-_.é\n "))
def test_a_damaged_link_is_invalid(place, letter):
    damaged = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if damaged != TOKEN:
        with pytest.raises(Invalid):
            SIGNER.read(damaged)


@given(text=st.text(max_size=400))
def test_any_text_is_refused_as_a_link_and_never_an_error(text):
    with pytest.raises(LinkError):
        SIGNER.read(text)


@pytest.mark.parametrize(
    "token",
    [TOKEN[:-1], TOKEN + "x" * LONGEST_TOKEN, TOKEN * 2, ""],
    ids=[
        "cut short",
        "far too long",
        "twice",
        "empty",
    ],  # a token holds the time: no name for a test
)
def test_a_link_cut_short_or_prolonged_is_invalid(token):
    with pytest.raises(Invalid):
        SIGNER.read(token)


def test_a_link_of_another_purpose_is_invalid():
    signers = make_signers(KEY)
    with pytest.raises(Invalid):
        signers.sign_in.read(signers.rsvp.sign(CLAIM))


def test_a_link_of_another_installation_is_invalid():
    with pytest.raises(Invalid):
        make_signers("another secret, long enough too").rsvp.read(TOKEN)


def test_after_a_change_of_keys_old_links_open_while_the_old_key_is_kept():
    changed = make_signers("a new secret, long enough too", (KEY,))
    assert changed.rsvp.read(TOKEN) == CLAIM
    with pytest.raises(Invalid):
        SIGNER.read(changed.rsvp.sign(CLAIM))
    assert make_signers("a new secret, long enough too").rsvp.read(changed.rsvp.sign(CLAIM))


@pytest.mark.parametrize("content", [["id"], ["id", "1"], [1, 1], {"id": 1}, "id", None])
def test_a_signed_link_that_says_something_else_is_invalid(content):
    with pytest.raises(Invalid):
        SIGNER.read(SIGNER.serializer.dumps(content))


def test_a_link_has_its_time():
    signer = Signer((KEY,), purpose="test", max_age=timedelta(seconds=-1))
    with pytest.raises(Expired):
        signer.read(signer.sign(CLAIM))


def test_a_sign_in_link_lasts_fifteen_minutes_and_an_invitation_as_long_as_its_event():
    signers = make_signers(KEY)
    assert (signers.sign_in.max_age, signers.rsvp.max_age) == (900, None)
