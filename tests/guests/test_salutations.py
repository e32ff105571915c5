"""How guests are named and spoken to, in English and in Swedish."""

import pytest

from app.guests.models import Guest
from app.guests.salutations import addressed, full_name

SPOKEN_TO = [
    ("Dr", "en", "Dr Strøm-Łęcka"),
    ("Dr", "sv", "dr Strøm-Łęcka"),
    ("Dr.", "sv", "dr Strøm-Łęcka"),
    ("Professor", "sv", "professor Strøm-Łęcka"),
    ("Professor Dr", "sv", "professor dr Strøm-Łęcka"),
    ("H.E.", "sv", "H.E. Strøm-Łęcka"),
    ("Ms", "en", "Ms Strøm-Łęcka"),
    ("Fru", "sv", "Zofia Strøm-Łęcka"),
    ("Mr.", "sv", "Zofia Strøm-Łęcka"),
    ("", "en", "Zofia Strøm-Łęcka"),
]


def guest(salutation: str, last_name: str = "Strøm-Łęcka") -> Guest:
    return Guest(salutation=salutation, first_name="Zofia", last_name=last_name)


@pytest.mark.parametrize(("salutation", "language", "expected"), SPOKEN_TO)
def test_a_guest_is_spoken_to_by_title_and_surname(salutation, language, expected):
    assert addressed(guest(salutation), language) == expected


def test_without_a_surname_there_is_only_the_name():
    assert addressed(guest("Dr", last_name=""), "en") == "Zofia"


def test_the_card_has_the_whole_name():
    assert full_name(guest("Dr"), "en") == "Dr Zofia Strøm-Łęcka"
    assert full_name(guest("Dr"), "sv") == "dr Zofia Strøm-Łęcka"
    assert full_name(guest("Fru"), "sv") == "Zofia Strøm-Łęcka"
