"""`couvert texts`: own words listed, shown, saved from a file, and taken back."""

import json

import pytest

from app.deliveries.copies import copy_of, keep_copies
from app.deliveries.models import DeliveryKind
from tests.factories import make_event, make_invitation
from tests.mails.composing import make_mail, newest

TEXT = "Subject: Come to {event}\n\n{greeting}\n\nWelcome.\n\n{link}\n"
SAVE = ("texts", "save", "summit", "invitation", "en")
SHOW = ("texts", "show", "summit", "invitation", "en")


@pytest.fixture
def event(session):
    made = make_event(session)
    session.commit()
    return made


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "invitation.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_words_are_saved_from_a_file_and_shown_as_it_has_them(run, event, file):
    saved = run(*SAVE, str(file), "--by", "Astrid")
    assert saved.stdout == "The next mail has version 1, by Astrid.\n"
    assert run(*SHOW).stdout == TEXT


def test_the_list_says_whose_words_each_mail_has(run, event, file):
    run(*SAVE, str(file), "--by", "Astrid")
    first, second, *_ = json.loads(run("texts", "list", "summit", "--json").stdout)
    assert first == {
        "kind": "invitation",
        "language": "en",
        "words": "own",
        "version": 1,
        "by": "Astrid",
        "at": "2026-11-02T09:00:00+00:00",
    }
    assert (second["language"], second["words"], second["version"]) == ("sv", "product", None)
    assert "invitation         en        own, version 1" in run("texts", "list", "summit").stdout


def test_older_versions_and_the_products_words_are_shown(run, event, file):
    run(*SAVE, str(file))
    run("texts", "reset", "summit", "invitation", "en", "--by", "Björn")
    assert run(*SHOW, "--version", "1").stdout == TEXT
    product = run(*SHOW, "--product").stdout
    assert product.startswith("Subject: Invitation: {event}, {city}, {dates}\n\n{greeting}\n")
    assert run(*SHOW).stdout == product
    facts = json.loads(run(*SHOW, "--json").stdout)
    assert (facts["words"], facts["version"], facts["by"]) == ("product", 2, "Björn")


def test_what_is_to_mend_is_named_and_nothing_saved(refused, event, file):
    file.write_text("Subject: Come\n\n{nmae}\n\n{link}\n", encoding="utf-8")
    assert refused(*SAVE, str(file)) == (
        "text, line 1: “{nmae}” is no placeholder. Do you mean {name}?\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "summit", "digest", "en"), '"digest" is no mail with own words. There are: inv'),
        (("show", "summit", "invitation", "de"), '"de" is no language of the event: en, sv.'),
        (("show", "summit", "invitation", "en", "--version", "3"), "There is no version 3 of"),
        (("save", "summit", "invitation", "en", "nowhere.md"), "nowhere.md cannot be read: No"),
    ],
)
def test_what_there_is_not_is_said(refused, event, arguments, words):
    assert words in refused("texts", *arguments)


def test_a_file_that_is_no_text_of_ours_is_refused(refused, event, file):
    file.write_text("Welcome.", encoding="utf-8")
    assert f'The first line of {file} must be "Subject: …"' in refused(*SAVE, str(file))
    file.write_bytes(b"Subject: V\xe4lkommen")
    assert "is not a text in UTF-8" in refused(*SAVE, str(file))


def test_a_mail_says_in_which_words_it_went_out(app, run, session, event, file):
    run(*SAVE, str(file), "--by", "Astrid")
    make_invitation(session, event)
    mail = make_mail(app, session, DeliveryKind.INVITATION)
    delivery = newest(session, DeliveryKind.INVITATION)
    keep_copies(session, {(delivery.id, 1): copy_of(mail)})
    session.commit()
    (listed,) = json.loads(run("deliveries", "list", "summit", "--json").stdout)
    shown = json.loads(run("deliveries", "show", "summit", delivery.public_id, "--json").stdout)
    for facts in (listed, shown):
        assert (facts["words_version"], facts["words_by"]) == (1, "Astrid")
    told = run("deliveries", "show", "summit", delivery.public_id).stdout
    assert "\nOwn words, version 1, by Astrid\n" in told
