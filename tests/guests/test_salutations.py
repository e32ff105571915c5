"""How guests are named and spoken to, in English and in Swedish."""

import pytest

from app.guests.models import Guest
from app.guests.salutations import addressed, full_name, greeting
from app.language import greeting_by_name

# Salutation and title of the record, then the line in English and in Swedish.
OPENINGS = [
    ("Professor", "", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("professor", "", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("Prof.", "", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("Prof. Dr.", "", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("Prof.Dr.", "", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("", "Professor", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("Dr", "Professor of Law", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("", "Professor i informatik", "Dear Professor Lindqvist,", "Bästa professor Lindqvist,"),
    ("Dr", "", "Dear Dr Lindqvist,", "Bästa dr Lindqvist,"),
    ("Doktor", "", "Dear Dr Lindqvist,", "Bästa dr Lindqvist,"),
    ("Mr Dr", "", "Dear Dr Lindqvist,", "Bäste dr Lindqvist,"),
    ("Minister", "", "Dear Minister Lindqvist,", "Bästa minister Lindqvist,"),
    ("direktör", "", "Dear Direktör Lindqvist,", "Bästa direktör Lindqvist,"),
    ("Mr", "", "Dear Mr Lindqvist,", "Bäste Kim Lindqvist,"),
    ("Herr", "", "Dear Mr Lindqvist,", "Bäste Kim Lindqvist,"),
    ("Herr professor", "", "Dear Professor Lindqvist,", "Bäste professor Lindqvist,"),
    ("Mrs.", "", "Dear Mrs Lindqvist,", "Bästa Kim Lindqvist,"),
    ("fru", "", "Dear Ms Lindqvist,", "Bästa Kim Lindqvist,"),
    ("Mr/Ms", "", "Dear Kim Lindqvist,", "Bästa Kim Lindqvist,"),
    ("herr eller fru", "", "Dear Kim Lindqvist,", "Bästa Kim Lindqvist,"),
    ("Dr. Dr.", "", "Dear Dr Lindqvist,", "Bästa dr Lindqvist,"),
    ("Mx", "", "Dear Mx Lindqvist,", "Bästa Kim Lindqvist,"),
    ("Dame", "", "Dear Dame Kim,", "Bästa dame Kim,"),
    ("", "", "Dear Kim Lindqvist,", "Bästa Kim Lindqvist,"),
    ("", "Director", "Dear Kim Lindqvist,", "Bästa Kim Lindqvist,"),
    ("H.E.", "", "Your Excellency,", "Ers Excellens,"),
    ("H. E. Mr", "", "Your Excellency,", "Ers Excellens,"),
    ("HE Professor", "", "Your Excellency,", "Ers Excellens,"),
    ("Hennes Excellens", "", "Your Excellency,", "Ers Excellens,"),
    ("Ambassador", "", "Your Excellency,", "Ers Excellens,"),
    ("Ms", "Ambassador of Poland", "Your Excellency,", "Ers Excellens,"),
    ("", "ambassadör", "Your Excellency,", "Ers Excellens,"),
    ("Dr", "Prime Minister", "Your Excellency,", "Ers Excellens,"),
    ("Mr", "Minister for Foreign Affairs, Norway", "Your Excellency,", "Ers Excellens,"),
    ("H.R.H.", "", "Your Royal Highness,", "Ers Kungliga Höghet,"),
    ("HKH", "Ambassador", "Your Royal Highness,", "Ers Kungliga Höghet,"),
    ("Her Majesty", "", "Your Majesty,", "Ers Majestät,"),
]
NO_EXCELLENCIES = (
    "Minister for Public Services",
    "Deputy Prime Minister",
    "Former Ambassador",
    "Prime Minister's Office, Head of Unit",
    "Ambassador for Digital Inclusion",
    "Assistant Professor",
    "President",
    "Statsminister",
)


def guest(salutation: str, title: str = "", first_name: str = "Kim", last_name: str = "Lindqvist"):
    return Guest(salutation=salutation, title=title, first_name=first_name, last_name=last_name)


@pytest.mark.parametrize(("salutation", "title", "english", "swedish"), OPENINGS)
def test_a_mail_opens_with_how_the_record_says_a_guest_is_spoken_to(
    salutation, title, english, swedish
):
    recorded = guest(salutation, title)
    assert (greeting(recorded, "en"), greeting(recorded, "sv")) == (english, swedish)


@pytest.mark.parametrize("title", NO_EXCELLENCIES)
def test_other_offices_bring_no_title_along(title):
    assert greeting(guest("", title), "en") == "Dear Kim Lindqvist,"


@pytest.mark.parametrize("salutation", ["", "Dr", "Ms"])
def test_a_guest_with_one_name_is_greeted_by_it(salutation):
    assert greeting(guest(salutation, first_name="Zofia", last_name=""), "en") == "Dear Zofia,"


def test_a_guest_with_a_last_name_alone_is_greeted_by_it():
    assert greeting(guest("", first_name=""), "sv") == "Bästa Lindqvist,"
    assert greeting(guest("Dr", first_name=""), "sv") == "Bästa dr Lindqvist,"


def test_who_has_no_record_is_greeted_by_the_name():
    assert greeting_by_name("Astrid Ek", "en") == "Dear Astrid Ek,"
    assert greeting_by_name("Astrid Ek", "sv") == "Bästa Astrid Ek,"


def test_thanks_go_to_the_same_person_as_the_mail():
    assert addressed(guest("Prof. Dr."), "sv") == "professor Lindqvist"
    assert addressed(guest("H.E. Mr"), "en") == "Your Excellency"


@pytest.mark.parametrize(
    ("salutation", "english", "swedish"),
    [
        ("Dr", "Dr Kim Lindqvist", "dr Kim Lindqvist"),
        ("prof. dr.", "Professor Dr Kim Lindqvist", "professor dr Kim Lindqvist"),
        ("Fru", "Ms Kim Lindqvist", "Kim Lindqvist"),
        ("H.E. Mr", "H.E. Mr Kim Lindqvist", "H.E. Kim Lindqvist"),
        ("Hans Excellens", "H.E. Kim Lindqvist", "H.E. Kim Lindqvist"),
        ("", "Kim Lindqvist", "Kim Lindqvist"),
    ],
)
def test_the_card_has_the_whole_name_with_every_title(salutation, english, swedish):
    recorded = guest(salutation)
    assert (full_name(recorded, "en"), full_name(recorded, "sv")) == (english, swedish)
