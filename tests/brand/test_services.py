"""A brand is changed wholly or not at all, and only in what is named."""

import pytest
from sqlalchemy.exc import IntegrityError

from app.brand.models import Brand
from app.brand.queries import find_brand, version_of
from app.brand.refusals import BrandRefusedError
from app.brand.services import BrandChange, change_brand
from app.brand.sheet import properties
from tests.brand.samples import CROWN, png, svg
from tests.factories import NOW, make_event


@pytest.fixture
def event(session):
    return make_event(session)


def change(session, event, **facts) -> Brand:
    return change_brand(session, event, BrandChange(**facts), by="Astrid", now=NOW)


def test_colours_and_crest_become_properties_of_a_stylesheet(session, event):
    brand = change(session, event, colour=" 1F7A4D ", metal="#9aa3ab", crest=CROWN.encode())
    rule = properties(brand)
    assert rule.startswith(":root{--event-colour:#1f7a4d;--event-metal:#9aa3ab;--crest-ratio:1.25;")
    assert rule.endswith('%3C/svg%3E")}')
    assert (brand.changed_at, brand.changed_by) == (NOW, "Astrid")


def test_what_is_not_named_stays(session, event):
    change(session, event, colour="#1f7a4d", crest=png())
    brand = change(session, event, metal="#9aa3ab")
    assert (brand.colour, brand.metal, brand.crest_type) == ("#1f7a4d", "#9aa3ab", "png")


def test_an_empty_colour_is_the_products_own(session, event):
    change(session, event, colour="#1f7a4d", metal="#9aa3ab")
    brand = change(session, event, colour="")
    assert properties(brand) == ":root{--event-metal:#9aa3ab}"


def test_a_removed_crest_leaves_nothing(session, event):
    change(session, event, crest=png())
    brand = change(session, event, remove_crest=True)
    assert (brand.crest, brand.crest_type, brand.crest_ratio) == (None, None, None)
    assert (properties(brand), brand.version, version_of(event)) == ("", "", None)


def test_each_change_that_shows_has_a_version_of_its_own(session, event):
    wanted = [{"colour": "#1f7a4d"}, {"crest": png()}, {"colour": "#1f7a4e"}, {"metal": "#aaaaaa"}]
    versions = []
    for facts in wanted:
        change(session, event, **facts)
        versions.append(version_of(event))
    assert len(set(versions)) == 4
    change(session, event, metal="#AAAAAA")
    assert version_of(event) == versions[-1]


def test_every_mistake_is_named_and_nothing_is_changed(session, event):
    change(session, event, colour="#1f7a4d")
    with pytest.raises(BrandRefusedError) as refused:
        change(session, event, colour="green", metal="#12", crest=svg("<script/>"))
    assert [mistake.field for mistake in refused.value.mistakes] == ["colour", "metal", "crest"]
    assert str(refused.value).startswith("“green” is no colour. Write it like #0d3b66")
    assert find_brand(session, event.id).colour == "#1f7a4d"


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"colour": "red"}, "ck_brand_colour_is_one"),
        ({"metal": "#12345"}, "ck_brand_metal_is_one"),
        ({"crest": b"x"}, "ck_brand_crest_is_whole"),
    ],
)
def test_the_database_refuses_half_a_brand(session, event, facts, constraint):
    session.add(Brand(event_id=event.id, version="", changed_at=NOW, changed_by="", **facts))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()


def test_a_brand_goes_with_its_event(session, event):
    change(session, event, colour="#1f7a4d")
    session.delete(event)
    session.flush()
    assert find_brand(session, event.id) is None
