"""The product speaks its languages wholly: nothing untranslated, nothing left over."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.deliveries import reasons
from app.language import sentence, using
from app.mail import replies

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


def stored_reasons() -> set[str]:
    """Return every text that is stored in English and shown in the reader's language."""
    return {
        text
        for module in (reasons, replies)
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
