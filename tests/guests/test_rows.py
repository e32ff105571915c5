"""One row of a guest file: the cells that are taken, and the words in which others are refused."""

from dataclasses import replace

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from app.addresses import email_key, is_plain
from app.guests.headings import HEADINGS
from app.guests.rows import LONGEST, GuestRow, RowReader

BO = GuestRow(2, "", "Bo", "Ek", "", "", "", "b@example.org", "en", "", None, "")
HOSTS = ["City of Stockholm", "Stockholms stad", "Cisco Systems"]


def judge(**changed: str) -> tuple[GuestRow, list[str]]:
    cells = {"first_name": "Bo", "last_name": "Ek", "email": "b@example.org"} | changed
    columns = {name: HEADINGS[name][0] for name in cells}
    row, problems = RowReader(columns, languages=["en", "sv"], hosts=HOSTS).read(2, cells)
    return row, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "name",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "ශ\u0dca\u200dරී",
        "葛\U000e0100城",
        "Ní Bhriain-O’Neil",
    ],
)
def test_joiners_and_variants_that_spelling_needs_are_kept(name):
    assert judge(last_name=name) == (replace(BO, last_name=name), [])


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("", "en"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("English", "en"),
        ("engelska", "en"),
        ("sv", "sv"),
        ("sv_SE", "sv"),
        ("Swedish", "sv"),
        ("Svenska", "sv"),
    ],
)
def test_languages_are_understood_by_code_and_name(written, language):
    assert judge(language=written) == (replace(BO, language=language), [])


@pytest.mark.parametrize("written", ["Stockholms stad", "STOCKHOLMS STAD"])
def test_host_is_known_in_any_case_and_language(written):
    assert judge(host=written) == (replace(BO, host="Stockholms stad"), [])


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Anna.Berg@Example.ORG", "Anna.Berg@example.org"),
        ("summit@stockholm.example", "summit@stockholm.example"),
        ("guest@city.test", "guest@city.test"),
        ("anna@xn--land-poa.example", "anna@åland.example"),
        ("αθηνά@example.org", "αθηνά@example.org"),
        ("INFO@example.org", "info@example.org"),
    ],
)
def test_addresses_are_taken_in_their_normal_form(written, address):
    assert judge(email=written) == (replace(BO, email=address), [])


def test_placeholder_in_an_optional_field_stays_text():
    row = replace(BO, title="-", country="=Sverige")

    assert judge(title="-", country="=Sverige") == (row, [])


def test_one_name_is_enough():
    assert judge(first_name="", last_name="Pelé") == (
        replace(BO, first_name="", last_name="Pelé"),
        [],
    )


def test_note_may_have_lines_and_tabs():
    row = replace(BO, note="fish\n\n\tno nuts ❤\ufe0f")

    assert judge(note=" fish\r\n\r\tno nuts ❤\ufe0f\n") == (row, [])


@pytest.mark.parametrize(("field", "longest"), sorted(LONGEST.items()))
def test_no_field_is_longer_than_its_limit(field, longest):
    shown = "N" * 59 + "…" if longest > 60 else "N" * (longest + 1)
    message = f"the text has {longest + 1} characters; at most {longest} fit. Shorten it."

    _, told = judge(**{field: "N" * (longest + 1)})

    assert told == [f'line 2, column "{HEADINGS[field][0]}", "{shown}": {message}']


TYPE_AGAIN = "Type the text again by hand."
ONE_LINE = "there is a line break in the cell. Write it on one line."


@pytest.mark.parametrize(
    ("cell", "shown", "message"),
    [
        ("A\0b", r"A\x00b", rf"there is a control character in the cell (\x00). {TYPE_AGAIN}"),
        ("A\x85b", r"A\x85b", ONE_LINE),
        ("A\nb", r"A\nb", ONE_LINE),
        ("A\u2028b", "AU+2028b", ONE_LINE),
        ("A\tb", r"A\tb", "there is a tab in the cell. Write a space instead."),
        (
            "A\ufffdb",
            "AU+FFFDb",
            "a letter was lost when the file was saved. Type the letter again.",
        ),
        (
            "A\ue000b",
            "AU+E000b",
            f"there is an unknown character in the cell (U+E000). {TYPE_AGAIN}",
        ),
        ("\u0301a", "\u0301a", f"the text begins with an accent that has no letter. {TYPE_AGAIN}"),
        ("A" * 101, "A" * 59 + "…", "the text has 101 characters; at most 100 fit. Shorten it."),
        ("=1+1", "=1+1", 'a name does not begin with "=". Write the name itself.'),
        ("+46", "+46", 'a name does not begin with "+". Write the name itself.'),
        ("@bo", "@bo", 'a name does not begin with "@". Write the name itself.'),
    ],
)
def test_name_that_is_not_as_it_looks_is_refused(cell, shown, message):
    _, told = judge(first_name=cell)

    assert told == [f'line 2, column "first name", "{shown}": {message}']


@pytest.mark.parametrize(
    "code",
    [
        173,
        847,
        4447,
        4448,
        8203,
        8204,
        8205,
        8206,
        8207,
        8234,
        8238,
        8288,
        8294,
        8297,
        10240,
        12644,
        65039,
        65279,
        917569,
        917760,
    ],
)
def test_unseen_characters_are_refused(code):
    _, told = judge(last_name=f"Ek{chr(code)}a")

    assert told == [
        (
            f'line 2, column "last name", "EkU+{code:04X}a": '
            f"there is an invisible character in the cell (U+{code:04X}). {TYPE_AGAIN}"
        )
    ]


AS_ADDRESS = "Write it as name@domain."
ONLY_ADDRESS = "Write only the address, as name@domain."


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("anna@", f"the address has no domain. {AS_ADDRESS}"),
        ("@example.org", f'the address has nothing before the "@". {AS_ADDRESS}'),
        ("anna", f'the address has no "@". {AS_ADDRESS}'),
        ("a@b@example.org", f'the address has more than one "@". {AS_ADDRESS}'),
        ("mailto:a@example.org", f"the cell holds more than the address. {ONLY_ADDRESS}"),
        ("Anna <a@example.org>", f"the cell holds more than the address. {ONLY_ADDRESS}"),
        (
            "a@example.org; b@example.org",
            (
                "the cell holds more than one address. "
                "Write one address; another person has a line of their own."
            ),
        ),
        ("a b@example.org", "the address has a space in it. Write it without spaces."),
        ("a..b@example.org", "the address has two dots in a row. Write one dot."),
        (
            "a@example",
            "the domain of the address has no dot. Write the whole domain, as in name@example.org.",
        ),
        ("a@city.local", f"no mail can reach this domain; its ending is reserved. {AS_ADDRESS}"),
        (
            "a@exa_mple.org",
            f"the part after the @-sign contains invalid characters: '_'. {AS_ADDRESS}",
        ),
        (f"{'a' * 65}@x.org", f"the email address is too long before the @-sign. {AS_ADDRESS}"),
    ],
)
def test_address_that_mail_cannot_reach_is_refused(address, message):
    _, told = judge(email=address)

    shown = address if len(address) <= 60 else address[:59] + "…"
    assert told == [f'line 2, column "email", "{shown}": {message}']


LABEL = st.text("az09-", min_size=1, max_size=9) | st.sampled_from(["xn--a", "a--b"])
ENDING = st.text("az", min_size=2, max_size=4) | st.sampled_from(["local", "test", "org", "c0m"])
WORD = st.text("azAZ09_+-", min_size=1, max_size=9) | st.sampled_from(["Info", "ftp", "NOC"])
LOCAL = st.lists(WORD, min_size=1, max_size=3).map(".".join)
DOMAIN = st.tuples(LABEL, LABEL, ENDING).map(".".join)
PLAIN = st.builds("{}@{}".format, LOCAL, DOMAIN).filter(is_plain)


@given(address=PLAIN)
def test_short_way_for_addresses_agrees_with_the_library(address):
    assert validate_email(address, check_deliverability=False, strict=True).normalized == address


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Anna@Example.org", "anna@example.ORG"),
        ("a@åland.example", "A@xn--land-poa.example"),
        ("A\u030asa@example.org", "åsa@example.org"),
        ("ﬁn@example.org", "FIN@example.org"),
    ],
)
def test_two_spellings_of_one_address_have_one_key(first, second):
    assert email_key(first) == email_key(second)


@given(address=st.text())
def test_key_of_an_address_never_fails_and_is_stable(address):
    assert email_key(email_key(address)) == email_key(address)
