"""Three files become a mail: strict about facts, escaped in HTML only, in the guest's language."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel
from jinja2 import TemplateNotFound, UndefinedError

from app.language import JINJA_FILTERS
from app.mail.compose import Composer, MailContent
from app.mail.gaps import Gap, Personal, printed

LAYOUT = Path(__file__).parents[2] / "email_templates" / "_layout"
LONG_URL = "https://couvert.stockholm.example/rsvp/" + "WyJoN2Q0IiwxXQ" * 6
EVENT_FACTS = {
    "event_name": "Public Services Summit",
    "hosts": ["City of Stockholm", "Cisco Systems"],
    "contact_name": "City of Stockholm, Protocol",
    "contact_email": "protocol@stockholm.example",
    "contact_phone": "+46 8 465 004 12",
}

WriteTemplates = Callable[..., Composer]


@pytest.fixture(autouse=True)
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application whose Swedish catalogue knows two sentences."""
    catalogue = Catalog("sv")
    catalogue.add("Dear %(name)s, welcome.", "Välkommen, %(name)s.")
    catalogue.add(
        ("%(num)s place at %(event)s", "%(num)s places at %(event)s"),
        ("%(num)s plats på %(event)s", "%(num)s platser på %(event)s"),
    )
    folder = tmp_path / "translations" / "sv" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    made = Flask(__name__)
    made.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path / "translations")
    Babel(made, locale_selector=lambda: "en")
    with made.app_context():
        yield made


@pytest.fixture
def write_templates(tmp_path: Path) -> WriteTemplates:
    def write(*, subject: str = "Hello", text: str = "Hello", html: str = "<p>Hello</p>"):
        folder = tmp_path / "templates"
        shutil.copytree(LAYOUT, folder / "_layout")
        (folder / "note").mkdir()
        for name, content in (("subject.txt", subject), ("body.txt", text), ("body.html", html)):
            (folder / "note" / name).write_text(content, encoding="utf-8")
        return Composer(folder, JINJA_FILTERS)

    return write


def compose(composer: Composer, language: str = "en", **facts: object) -> MailContent:
    return composer.compose("note", language=language, facts=facts)


def sheet(body: str) -> str:
    return f'{{% extends "_layout/body.html" %}}{{% block sheet %}}{body}{{% endblock %}}'


def test_the_subject_is_one_line(write_templates: WriteTemplates):
    composer = write_templates(subject="Invitation:\n  {{ event }}\n")
    assert compose(composer, event="Summit,\nStockholm").subject == "Invitation: Summit, Stockholm"


@pytest.mark.parametrize("file", ["subject", "text", "html"])
def test_a_fact_nobody_gave_is_an_error(file: str, write_templates: WriteTemplates):
    composer = write_templates(**{file: "Dear {{ guest_name }}"})
    with pytest.raises(UndefinedError, match="guest_name"):
        compose(composer)


def test_an_unknown_kind_of_mail_is_an_error(write_templates: WriteTemplates):
    with pytest.raises(TemplateNotFound, match=r"letter/subject\.txt"):
        write_templates().compose("letter", language="en", facts={})


def test_facts_are_escaped_in_html_only(write_templates: WriteTemplates):
    composer = write_templates(subject="{{ n }}", text="{{ n }}", html=sheet("<p>{{ n }}</p>"))
    content = compose(composer, n="Åsa <b> & Co")
    assert (content.subject, content.text) == ("Åsa <b> & Co", "Åsa <b> & Co\n")
    assert "Åsa &lt;b&gt; &amp; Co</p>" in content.html


def test_a_mail_speaks_the_language_asked_for(write_templates: WriteTemplates):
    sentence = "{% trans %}Dear {{ name }}, welcome.{% endtrans %}"
    composer = write_templates(text=sentence, html=sheet(sentence))
    english, swedish = compose(composer, name="<Åsa>"), compose(composer, "sv", name="<Åsa>")
    assert (english.text, swedish.text) == ("Dear <Åsa>, welcome.\n", "Välkommen, <Åsa>.\n")
    assert "Välkommen, &lt;Åsa&gt;." in swedish.html
    assert '<html lang="sv">' in swedish.html


def test_plurals_take_further_facts(write_templates: WriteTemplates):
    composer = write_templates(
        text="{% trans num=n, event=e %}{{ num }} place at {{ event }}"
        "{% pluralize %}{{ num }} places at {{ event }}{% endtrans %}"
    )
    assert compose(composer, n=1, e="the Summit").text == "1 place at the Summit\n"
    assert compose(composer, "sv", n=2, e="toppmötet").text == "2 platser på toppmötet\n"


def test_dates_are_written_in_the_language_of_the_mail(write_templates: WriteTemplates):
    composer = write_templates(text="{{ day | long_date }}")
    day = date(2009, 12, 9)
    assert compose(composer, day=day).text == "Wednesday 9 December 2009\n"
    assert compose(composer, "sv", day=day).text == "onsdagen den 9 december 2009\n"


def test_lines_stay_as_they_are_written_unless_too_long(write_templates: WriteTemplates):
    composer = write_templates(text="One\n  two   three\n\n\n\n    {{ words }}\n{{ url }}\n\n")
    lines = compose(composer, words="word " * 30, url=LONG_URL).text.split("\n")
    assert lines[:3] == ["One", "  two   three", ""]
    assert lines[3:6] == [
        "    word word word word word word word word word word word word word"
    ] * 2 + ["    word word word word"]
    assert lines[6:] == [LONG_URL, ""]


def test_styles_are_inlined_and_media_rules_stay(write_templates: WriteTemplates):
    html = compose(write_templates(html=sheet('<p class="small">Hello</p>'))).html
    assert '<p class="small" style="' in html
    assert "font-size: 14px" in html.partition('<p class="small"')[2].partition(">")[0]
    assert "@media (prefers-color-scheme: dark)" in html
    assert ".preheader {" not in html


def test_the_layout_names_host_and_contact(write_templates: WriteTemplates):
    composer = write_templates(html=sheet(""), text='{% extends "_layout/body.txt" %}')
    content = compose(composer, **EVENT_FACTS)
    assert content.text == (
        "With kind regards\n\nCity of Stockholm, Protocol\n+46 8 465 004 12\n"
        "protocol@stockholm.example\nYou may simply reply to this mail.\n"
    )
    assert ">City of Stockholm</td>" in content.html
    assert (
        "Questions: City of Stockholm, Protocol, +46&nbsp;8&nbsp;465&nbsp;004&nbsp;12, <a"
        in content.html
    )


def test_a_mail_without_an_event_comes_from_couvert(write_templates: WriteTemplates):
    composer = write_templates(html=sheet(""), text='{% extends "_layout/body.txt" %}')
    content = compose(composer)
    assert content.text == "With kind regards\n\nCouvert\n"
    assert ">Couvert</td>" in content.html
    assert "Questions" not in content.html


def test_the_macros_of_the_layout_are_at_hand_in_every_block(write_templates: WriteTemplates):
    composer = write_templates(
        html='{% extends "_layout/body.html" %}'
        "{% block styles %}{{ card_styles() }}{{ figure_styles() }}{% endblock %}"
        "{% block sheet %}"
        "{{ button(url, 'Answer') }}{{ bare_url(url) }}{{ places_bar(18, 7, 5) }}"
        "{{ button_and_link(url, 'Approve', url, 'Decide otherwise') }}"
        "{% call data_table(['Item', 'Yes'], numeric=1) %}"
        "<tr><td>{{ fill(9, 12) }}</td><td class='num'>9</td></tr>{% endcall %}"
        "{% endblock %}"
    )
    html = compose(composer, url="https://couvert.test/rsvp/x?a=1&b=2").html
    assert html.count('href="https://couvert.test/rsvp/x?a=1&amp;b=2"') == 4
    widths = [part.partition('"')[0] for part in html.split(' width="')[1:]]
    assert [width for width in widths if width.endswith("%") and width != "100%"] == [
        *("60%", "23%", "17%") * 2,
        "75%",
    ]


@pytest.mark.parametrize(
    ("yes", "places", "cells"), [(0, 12, 1), (12, 12, 1), (13, 12, 1), (6, 12, 2)]
)
def test_a_bar_has_no_empty_part(
    yes: int, places: int, cells: int, write_templates: WriteTemplates
):
    html = compose(
        write_templates(html=sheet("{{ fill(yes, places) }}")), yes=yes, places=places
    ).html
    assert html.count('class="fill-') == cells


def test_an_event_with_no_places_told_has_no_bar(write_templates: WriteTemplates):
    html = compose(write_templates(html=sheet("{{ places_bar(0, 0, 0) }}"))).html
    assert 'class="bar"' not in html


class Counted:
    """A filter of templates that counts how often it was asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, value: object) -> str:
        self.times += 1
        return str(value)


def test_mails_that_differ_in_personal_facts_are_rendered_once(write_templates: WriteTemplates):
    composer = write_templates(text="{{ event | counted }} {{ n }}", html=sheet("<p>{{ n }}</p>"))
    composer.filters = {**composer.filters, "counted": (counted := Counted())}
    texts = [compose(composer, event="Summit", n=Personal(name)).text for name in ("Å", "B")]
    first = counted.times
    texts.append(compose(composer, event="Summit", n=Personal("C")).text)
    assert texts == ["Summit Å\n", "Summit B\n", "Summit C\n"]
    assert counted.times == first
    assert compose(composer, event="Dinner", n=Personal("C")).text == "Dinner C\n"


@pytest.mark.parametrize(
    "use",
    [
        "{{ n | upper }}",
        "{{ n ~ '!' }}",
        "{% if n == 'Anna' %}A{% endif %}{{ n }}",
        "{{ n or 'nobody' }}",
        "{{ {'Anna': 1}[n] | default(0) }}",
        "{% set shown %}{{ n }}{% endset %}{{ shown | upper }}{{ shown | length }}",
        "{% macro bold(x) %}<b>{{ x }}</b>{% endmacro %}{{ bold(n) | length }}",
        "{% filter upper %}{{ n }}{% endfilter %}",
        "{{ _('Dear %(name)s, welcome.', name=n) | upper }}",
        "{{ ngettext('%(num)s place at %(event)s', '%(num)s places at %(event)s', 2, event=n) }}",
        "{{ n | int }}{{ n is string }}{{ n[:1] }}",
    ],
)
def test_a_personal_fact_may_be_used_in_any_way(use: str, write_templates: WriteTemplates):
    composer = write_templates(subject=use, text=use, html=sheet(use))
    names = ("Anna", "Bo <b>", "", "  Li  Na ", "word " * 40)
    plain = [compose(composer, n=name) for name in names]
    assert [compose(composer, n=Personal(name)) for name in names] == plain


def test_a_personal_fact_is_escaped_in_text_and_in_attributes(write_templates: WriteTemplates):
    composer = write_templates(
        text="{{ n }}", html=sheet('<p title="{{ n }}">{{ n }}</p>{{ button(n, n) }}')
    )
    name = """Åsa <b>"O'Neil" & Söner"""
    safe = "Åsa &lt;b&gt;&#34;O&#39;Neil&#34; &amp; Söner"
    content = compose(composer, n=Personal(name))
    assert (content.text, content.html.count(safe), content.html.count("<b>")) == (
        f"{name}\n",
        4,
        0,
    )


def test_a_name_like_a_gap_is_a_name(write_templates: WriteTemplates):
    composer = write_templates(text="{{ n }} {{ link }}", html=sheet("{{ n }} {{ link }}"))
    gap = str(printed(Gap.of("link")))
    content = compose(composer, n=Personal(gap), link=Personal("https://a.test"))
    assert content.text == f"{gap} https://a.test\n"
    assert f"{gap} https://a.test" in content.html


def test_an_event_named_like_a_gap_keeps_its_name(write_templates: WriteTemplates):
    composer = write_templates(text="{{ event }} {{ n }}")
    gap = str(printed(Gap.of("n")))
    assert compose(composer, event=gap, n=Personal("Åsa")).text == f"{gap} Åsa\n"


def test_a_missing_fact_beside_a_personal_one_is_an_error(write_templates: WriteTemplates):
    composer = write_templates(html=sheet("{{ n }} {{ guest_name }}"))
    with pytest.raises(UndefinedError, match="guest_name"):
        compose(composer, n=Personal("Åsa"))


def test_several_threads_may_compose_at_once(app: Flask, write_templates: WriteTemplates):
    composer = write_templates(text="{{ event }} {{ n }}", html=sheet("{{ event }} {{ n }}"))

    def text_of(number: int) -> str:
        with app.app_context():
            return compose(composer, event=f"E{number % 3}", n=Personal(f"N{number}")).text

    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(text_of, range(300)))
    assert texts == [f"E{number % 3} N{number}\n" for number in range(300)]
