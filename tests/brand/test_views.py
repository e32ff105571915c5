"""The page that brands an event, and the stylesheet its guests get."""

import gzip
import io
import re

import pytest

from app.brand.queries import find_brand
from app.brand.services import BrandChange, change_brand
from app.organisers.models import Role
from app.web.assets import A_YEAR
from tests.brand.samples import CROWN, png, svg
from tests.desk import Desk
from tests.factories import NOW, make_event, make_organiser
from tests.test_templates import Page, controls

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def event(session):
    made = make_event(session)
    session.commit()
    return made


@pytest.fixture
def desk(app, session, event):
    organiser = make_organiser(session, event)
    session.commit()
    return Desk(app).sign_in(organiser)


@pytest.fixture
def branded(session, event):
    wanted = BrandChange(colour="#1f7a4d", metal="#9aa3ab", crest=CROWN.encode())
    change_brand(session, event, wanted, by="Astrid", now=NOW)
    session.commit()
    return event


def file(content: bytes, name: str = "crest.svg"):
    return io.BytesIO(content), name


def sheet_of(page: str) -> str:
    return re.findall(r'href="(/brand/[^"]+)"', page)[0]


def test_what_is_saved_stands_on_the_page_and_in_its_stylesheet(desk, event):
    answer = desk.post("brand", colour="#1F7A4D", metal="", crest=file(CROWN.encode()))
    assert (answer.status_code, answer.location) == (303, "/organiser/summit/brand")
    page = desk.get("brand").text
    assert "The brand is saved." in page
    assert 'value="#1f7a4d"' in page
    assert "--event-colour:#1f7a4d;--crest-ratio:1.25" in desk.get(sheet_of(page)).text


def test_saving_without_a_file_keeps_the_crest_until_it_is_removed(desk, session, event):
    desk.post("brand", crest=file(png(), "crest.png"))
    desk.post("brand", colour="#1f7a4d")
    assert find_brand(session, event.id).crest_type == "png"
    session.rollback()
    desk.post("brand", colour="#1f7a4d", remove_crest="y")
    session.expire_all()
    assert find_brand(session, event.id).crest_type is None


def test_a_mistake_stands_beside_its_field_and_what_was_typed_is_kept(desk, session, event):
    answer = desk.post("brand", colour="gr<een", metal="#9aa3ab", crest=file(svg("<script/>")))
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.values("aria-invalid") == ["true", "true"]
    assert "“gr&lt;een” is no colour." in answer.text
    assert "The drawing holds “script”, which is not let in" in answer.text
    assert {"gr<een", "#9aa3ab"} <= set(page.values("value", "input"))
    assert find_brand(session, event.id) is None


def test_a_mistake_is_told_in_the_organisers_language(app, session, event):
    organiser = make_organiser(session, event, language="sv")
    session.commit()
    answer = Desk(app).sign_in(organiser).post("brand", colour="grön")
    assert "”grön” är ingen färg." in answer.text


def test_a_viewer_sees_the_brand_and_no_form(app, session, branded):
    viewer = make_organiser(session, branded, Role.VIEWER)
    session.commit()
    text = Desk(app).sign_in(viewer).page("brand")
    assert "Colour #1f7a4d Metal #9aa3ab Crest SVG" in text
    assert "Save" not in text


def test_the_page_is_good_html_with_and_without_mistakes(desk, branded):
    for html in (desk.get("brand").text, desk.post("brand", colour="x").text):
        page = Page(html)
        assert (page.wrong, page.count("h1"), page.count("script")) == ([], 1, 0)
        assert set(controls(page)) <= set(page.values("for", "label"))


def test_the_stylesheet_is_kept_for_a_year_and_sent_packed(client, desk, branded):
    address = sheet_of(desk.get("brand").text)
    plain, packed = client.get(address), client.get(address, headers=GZIP)
    assert plain.mimetype == "text/css"
    assert plain.headers["Cache-Control"] == f"public, max-age={A_YEAR}, immutable"
    assert "default-src 'none'" in plain.headers["Content-Security-Policy"]
    assert gzip.decompress(packed.data) == plain.data
    again = client.get(address, headers={**GZIP, "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_stylesheet_finds_its_fonts(client, desk, branded):
    css = client.get(sheet_of(desk.get("brand").text)).text
    fonts = re.findall(r"url\((/static/fonts/[^)]+)\)", css)
    assert len(fonts) == 2
    for font in fonts:
        with client.get(font) as response:
            assert response.status_code == 200


def test_an_old_version_gets_the_present_brand_and_is_not_kept(client, branded):
    answer = client.get("/brand/summit/old-one.css")
    assert "--event-colour:#1f7a4d" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"


def test_an_event_without_a_brand_has_a_stylesheet_without_one(client, event):
    css = client.get("/brand/summit/any.css").text
    assert css.rstrip().endswith("}")
    assert ":root{" not in css
    assert "/*" not in css


def test_an_unknown_event_has_no_stylesheet(client, branded):
    assert client.get("/brand/nowhere/any.css").status_code == 404


def test_a_request_past_the_limit_is_refused(desk, session, event):
    assert desk.post("brand", crest=file(b"<svg" + b" " * 300_000)).status_code == 413
    assert find_brand(session, event.id) is None
