"""A gap can be printed and nothing else, and facts are one only if no template tells them apart."""

import operator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup, escape

from app.mail.gaps import Gap, Gapped, IncomparableError, PeekedError, Personal, key_of, printed

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_a_gap_shows_where_it_is():
    assert (
        Gapped(f"Dear {printed(Gap.of('name'))}!", ["name"]).filled({"name": "Åsa"}) == "Dear Åsa!"
    )


@pytest.mark.parametrize(
    "look",
    [
        str, repr, bool, len, hash, int, float, list, escape, "{}".format, "%s".__mod__,
        lambda gap: gap == "Åsa", lambda gap: gap != "Åsa", lambda gap: "Å" in gap,
        lambda gap: gap + "", lambda gap: "" + gap, lambda gap: gap[0], lambda gap: gap.upper(),
        lambda gap: gap.shown, lambda gap: isinstance(gap, str), lambda gap: gap < "",
        lambda gap: hasattr(gap, "__html__"), lambda gap: f"{gap}",
        operator.index,
    ],
)  # fmt: skip
def test_nothing_can_be_learned_of_a_gap(look):
    with pytest.raises((PeekedError, TypeError)):
        look(Gap.of("name"))


def test_a_fact_that_looks_like_a_gap_is_written_as_it_is():
    likeness = printed(Gap.of("link"))
    text = Gapped(f"{printed(Gap.of('name'))} {likeness}", ["name", "link"])
    assert text.filled({"name": str(likeness), "link": "https://a"}) == f"{likeness} https://a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (NOON, NOON.astimezone(ZoneInfo("Europe/Stockholm"))),
        ({"a": 1}, {"a": True}),
        (["a"], ["b"]),
        ([], {}),
        (None, ""),
    ],
)
def test_facts_that_are_written_differently_have_different_keys(one, other):
    assert key_of(one) != key_of(other)


def test_equal_facts_have_equal_keys():
    facts = {
        "hosts": ["A", "B"],
        "dinner": {"starts": NOON, "dress": None},
        "reply_by": NOON.date(),
    }
    again = {
        "hosts": ["A", "B"],
        "dinner": {"starts": NOON, "dress": None},
        "reply_by": NOON.date(),
    }
    assert key_of(facts) == key_of(again)


@pytest.mark.parametrize(
    "fact", [object(), Personal("Åsa"), Markup("<b>"), {"a": {1}}, [lambda: ""], 1.0]
)
def test_what_may_change_or_is_unknown_has_no_key(fact):
    with pytest.raises(IncomparableError):
        key_of(fact)
