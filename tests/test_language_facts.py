"""A language is one folder: what it must say, and that it is all a further language takes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.language_facts import (
    LANGUAGE_FACTS,
    SOURCE,
    TRANSLATIONS,
    LanguageFileError,
    read_language,
    read_languages,
)

ROOT = Path(__file__).parents[1]
ENGLISH = (TRANSLATIONS / SOURCE / "language.toml").read_text(encoding="utf-8")


def test_every_language_but_that_of_the_texts_has_a_catalogue():
    catalogues = {path.parents[1].name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")}
    assert catalogues == set(LANGUAGE_FACTS) - {SOURCE}


def test_the_language_of_the_texts_comes_first():
    assert list(read_languages(TRANSLATIONS)) == ["en", "sv"]


@pytest.mark.parametrize(
    ("given", "spoilt", "named"),
    [
        ('clock = "HH:mm"\n', "", "clock"),
        ('clock = "HH:mm"', 'clock = "HH:mm"\nwatch = "HH"', "watch"),
        ('dr = ["Dr", "doctor"]\n', "", "dr"),
        ("[headings]", '[headings]\nfirstname = ["x"]', "firstname"),
        ("[greetings]", "[greeting]", "greetings"),
        ('name = "English"\n', "", "name"),
        ("[dates]", "[dates", "line"),
    ],
)
def test_a_folder_that_lacks_something_or_says_too_much_is_refused(tmp_path, given, spoilt, named):
    path = tmp_path / "xx" / "language.toml"
    path.parent.mkdir()
    path.write_text(ENGLISH.replace(given, spoilt, 1), encoding="utf-8")
    with pytest.raises(LanguageFileError, match=named) as refused:
        read_language(path)
    assert str(path) in str(refused.value)


@pytest.fixture
def house(tmp_path):
    """The product with one folder more: Norwegian, made of the Swedish one."""
    compiled = shutil.ignore_patterns("__pycache__")
    for name in ("app", "email_templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=compiled)
    translations = tmp_path / "app" / "translations"
    shutil.copytree(translations / "sv", translations / "nb")
    write_facts(translations / "nb" / "language.toml")
    write_catalogue(translations / "nb" / "LC_MESSAGES")
    return tmp_path


def write_facts(path: Path) -> None:
    said = path.read_text(encoding="utf-8")
    for given, own in [
        ('"swedish", "svenska"', '"norwegian", "norsk"'),
        ('"Bästa {name},"', '"Kjære {name},"'),
        ('"{first} och {last}"', '"{first}. og {last}"'),
        ("EEEE'en den' d MMMM y", "EEEE d. MMMM y"),
        ('whole_date = "d MMMM y"', 'whole_date = "d. MMMM y"'),
        ('clock = "HH.mm"', 'clock = "HH:mm"'),
    ]:
        assert given in said
        said = said.replace(given, own)
    path.write_text(said, encoding="utf-8")


def write_catalogue(folder: Path) -> None:
    with (folder / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="nb")
    catalogue["Please answer by %(date)s on your own page:"].string = "Svar innen %(date)s:"
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)


def test_a_further_language_is_one_folder(house):
    invitation = subprocess.run(
        [sys.executable, ROOT / "tests" / "mails" / "invitation_in.py", "Norsk"],
        env={"PYTHONPATH": f"{house}:{ROOT}", "PATH": ""},
        cwd=house,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert invitation.startswith("Inbjudan: Public Services Summit, Stockholm, 9. og 10. desember")
    assert "Kjære professor Strøm-Łęcka" in invitation
    assert "Svar innen fredag 20. november 2026:" in invitation
    assert "onsdag 9. desember 2026 kl.\u00a019:00" in invitation
