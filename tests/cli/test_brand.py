"""`couvert brand`: an event's colours and crest."""

import json

import pytest

from tests.brand.samples import CROWN, svg
from tests.factories import make_event


@pytest.fixture
def event(session):
    made = make_event(session)
    session.commit()
    return made


@pytest.fixture
def crest(tmp_path):
    path = tmp_path / "crest.svg"
    path.write_text(CROWN, encoding="utf-8")
    return path


def shown(run) -> dict:
    return json.loads(run("brand", "show", "summit", "--json").stdout)


def test_what_is_named_is_set_and_the_rest_stays(run, event, crest):
    run("brand", "set", "summit", "--colour", "#1F7A4D", "--by", "Astrid")
    result = run("brand", "set", "summit", "--crest", str(crest))
    assert result.stdout == ("Colour  #1f7a4d\nMetal   Couvert's own\nCrest   svg, 145 bytes\n")
    facts = shown(run)
    assert (facts["colour"], facts["metal"], facts["crest"]) == ("#1f7a4d", None, "svg")


def test_a_crest_is_removed(run, event, crest):
    run("brand", "set", "summit", "--crest", str(crest))
    run("brand", "set", "summit", "--no-crest")
    assert shown(run)["crest"] is None


def test_an_event_without_a_brand_has_the_products_own(run, event):
    assert "Colour  Couvert's own\n" in run("brand", "show", "summit").stdout


def test_a_bad_colour_and_a_bad_crest_are_refused_together(refused, event, crest):
    crest.write_bytes(svg("<script/>"))
    words = refused("brand", "set", "summit", "--colour", "red", "--crest", str(crest))
    assert [line.split(".")[0] for line in words.splitlines()] == [
        "“red” is no colour",
        "The drawing holds “script”, which is not let in: only shapes, colours and gradients are",
    ]


def test_a_file_that_is_not_there_is_refused(refused, event):
    words = refused("brand", "set", "summit", "--crest", "nowhere.svg")
    assert words == "The file nowhere.svg cannot be read: No such file or directory.\n"


@pytest.mark.parametrize("more", [(), ("--no-crest", "--crest", "x.svg")])
def test_nothing_or_both_is_a_usage_error(run, event, more):
    assert run("brand", "set", "summit", *more).exit_code == 2
