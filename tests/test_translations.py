"""The product speaks its languages wholly: nothing untranslated, nothing left over."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from app.deliveries import reasons
from app.invitations import texts
from app.language import sentence, using
from app.mail import replies
from tests.hard_coded import hard_coded

ROOT = Path(__file__).parents[1]
CATALOGUES = sorted((ROOT / "app" / "translations").glob("*/LC_MESSAGES/messages.po"))
JINJA = {"trimmed": "true"}
METHODS = [
    ("app/**.py", "python"),
    ("app/templates/**.html", "jinja2"),
    ("email_templates/**.txt", "jinja2"),
    ("email_templates/**.html", "jinja2"),
]
OPTIONS = {pattern: JINJA for pattern, method in METHODS if method == "jinja2"}
MODULES = sorted((ROOT / "app").rglob("*.py"))
TEMPLATES = sorted(
    path for folder in ("app/templates", "email_templates") for path in (ROOT / folder).rglob("*.*")
)
WRITTEN_ALIKE = {
    "Couvert": "the product's name",
    "UTC": "the name of the clock, in every language",
    "large quiet": "two classes",
    "quiet large": "two classes",
}
"""All that may stand in a template outside gettext, and why."""
TOLD = {"flash", "Mistake", "ValidationError"}
"""What shows its text to the reader."""
PLACEHOLDER = re.compile(r"%\((\w+)\)")


def texts_in_use() -> set[str]:
    found = extract_from_dir(ROOT, METHODS, OPTIONS, directory_filter=not_hidden)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def not_hidden(folder: str) -> bool:
    return not Path(folder).name.startswith((".", "__pycache__"))


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def first_form(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_there_is_a_swedish_catalogue():
    assert [path.parents[1].name for path in CATALOGUES] == ["sv"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_every_text_is_translated_and_none_is_left_over(path):
    catalogue = read_catalogue(path)
    translated = {
        first_form(message.id)
        for message in catalogue
        if message.id and all(forms(message.string)) and not message.fuzzy
    }
    assert translated == texts_in_use()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_translations_use_the_placeholders_of_the_text(path):
    wrong = [
        message.id
        for message in read_catalogue(path)
        if message.id
        for form in forms(message.string)
        if set(PLACEHOLDER.findall(form)) - set(PLACEHOLDER.findall(" ".join(forms(message.id))))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_of_a_page_or_mail_is_hard_coded(path):
    assert hard_coded(path, set(WRITTEN_ALIKE)) == set()


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("a.html", "<p>Hello {{ name }}</p>"),
        ("a.html", '<a title="Hello" {% if x %}class="big"{% endif %}>{{ _("Go") }}</a>'),
        ("a.html", '<img alt="Hello"><style>.Nothing { }</style>'),
        ("a.html", '<input type="submit" value="Hello"><input value="typed">'),
        ("a.html", '{{ "Hello" if name else _("Go") }}'),
        ("a.html", '{% set text = {"sent again": _("Go")}.get(key, "Hello") %}'),
        ("a.html", "{% trans %}Go{% endtrans %}{% block main %}Hello{% endblock %}"),
        ("a.txt", '{{ _("Go") }}\nHello\n{# Nothing #}'),
    ],
)
def test_a_hard_coded_text_is_found_wherever_it_stands(tmp_path, name, template):
    (tmp_path / name).write_text(template, encoding="utf-8")
    assert {found.split()[0] for found in hard_coded(tmp_path / name, set())} == {"Hello"}


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_texts_are_marked_by_a_name_that_the_catalogues_are_made_by():
    marking = {
        f"{path.name}: {called(call)}"
        for path in MODULES
        for call in calls(path)
        if called(call).endswith("gettext") and call.args and isinstance(call.args[0], ast.Constant)
    }
    assert {mark for mark in marking if mark.split()[1] not in DEFAULT_KEYWORDS} == set()


def test_what_is_told_the_reader_is_no_bare_text():
    bare = {
        f"{path.name}: {ast.unparse(arg)}"
        for path in MODULES
        for call in calls(path)
        if called(call) in TOLD
        for arg in call.args
        if isinstance(arg, ast.JoinedStr)
        or (isinstance(arg, ast.Constant) and " " in str(arg.value))
    }
    assert bare == set()


def stored_reasons() -> set[str]:
    """Return every text that is stored in English and shown in the reader's language."""
    return {
        text
        for module in (reasons, replies, texts)
        for name, value in vars(module).items()
        if name.isupper()
        for text in (value.values() if isinstance(value, dict) else [value])
        if isinstance(text, str)
    }


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parents[1].name)
def test_every_stored_reason_is_in_the_catalogue(path):
    catalogue = read_catalogue(path)
    assert {text for text in stored_reasons() if not catalogue.get(text)} == set()


def test_stored_reasons_are_sentences_without_their_stop():
    assert {text for text in stored_reasons() if not re.fullmatch(r"[A-Z].*[\w)]", text)} == set()


def test_a_reason_is_shown_as_a_sentence_of_the_readers_language(app):
    with app.app_context():
        with using("sv"):
            assert sentence("The mailbox is full") == "Brevlådan är full."
            assert sentence("Given up after four days.") == "Försöken avslutades efter fyra dygn."
        with using("en"):
            assert (sentence("The mailbox is full"), sentence("")) == ("The mailbox is full.", "")
