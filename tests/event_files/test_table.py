"""Keys and tables of an event file: what is missing, unknown or of the wrong kind."""

import pytest


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        pytest.param(
            'slug = "summit"\n',
            "",
            "event, slug (line 1): it is missing. Add slug here.",
            id="a missing key",
        ),
        pytest.param(
            'contact = { name = "Leader", email = "summit@stockholm.example" }\n',
            "",
            "event, contact (line 1): it is missing. Add contact here.",
            id="a missing table",
        ),
        pytest.param(
            "places = 40",
            "plases = 40\nplaces = 40",
            (
                'programme[0] "dinner", plases (line 28): unknown key "plases". Did you mean '
                '"places"?'
            ),
            id="an unknown key like a known one",
        ),
        pytest.param(
            "quota = 20",
            "zzz = 20",
            (
                'hosts[0] "City of Stockholm", zzz (line 16): unknown key "zzz". Known here: '
                "name, quota."
            ),
            id="an unknown key like none",
        ),
        pytest.param(
            "[[fixed_points]]",
            "[[fixedpoints]]",
            'fixedpoints (line 40): unknown table "fixedpoints". Did you mean "fixed_points"?',
            id="an unknown table",
        ),
        pytest.param(
            "quota = 20",
            '"a\\nb" = 20',
            (
                'hosts[0] "City of Stockholm", a<U+000A>b (line 14): unknown key "a<U+000A>b". '
                "Known here: name, quota."
            ),
            id="an unknown key with a line break",
        ),
        pytest.param(
            "place_limit = 30",
            'place_limit = "30"',
            (
                "event, place_limit (line 9): expected a whole number, found a text. Write it "
                "like 30, without quotation marks."
            ),
            id="a text for a number",
        ),
        pytest.param(
            "place_limit = 30",
            "place_limit = true",
            (
                "event, place_limit (line 9): expected a whole number, found true or false. "
                "Write it like 30, without quotation marks."
            ),
            id="true for a number",
        ),
        pytest.param(
            "place_limit = 30",
            "place_limit = 30.5",
            (
                "event, place_limit (line 9): expected a whole number, found a decimal number. "
                "Write it like 30, without quotation marks."
            ),
            id="a fraction for a number",
        ),
        pytest.param(
            "ends = 2009-12-10\n",
            'ends = "2009-12-10"\n',
            (
                "event, ends (line 6): expected a date, found a text. Write it like 2009-12-09, "
                "without quotation marks."
            ),
            id="a text for a date",
        ),
        pytest.param(
            "starts = 2009-12-09T19:00:00",
            "starts = 2009-12-09",
            (
                'programme[0] "dinner", starts (line 25): expected a date with a time, found a '
                "date. Write it like 2009-12-09T09:00:00, without quotation marks."
            ),
            id="a date for a time",
        ),
        pytest.param(
            "reply_by = 2009-11-20",
            "reply_by = 2009-11-20T12:00:00",
            (
                "event, reply_by (line 10): expected a date, found a date with a time. Write it "
                "like 2009-12-09, without quotation marks."
            ),
            id="a time for a date",
        ),
        pytest.param(
            'city = "Stockholm"',
            "city = 8",
            (
                "event, city (line 8): expected a text, found a whole number. Write it in "
                "quotation marks."
            ),
            id="a number for a text",
        ),
        pytest.param(
            "places = 40",
            "places = 40\narrival = 1",
            (
                'programme[0] "dinner", arrival (line 29): expected true or false, found a whole '
                "number. Write true or false, without quotation marks."
            ),
            id="a number for true or false",
        ),
        pytest.param(
            "time = 08:15:00",
            'time = "08:15"',
            (
                "digest, time (line 59): expected a time, found a text. Write it like 07:00:00, "
                "without quotation marks."
            ),
            id="a text for a clock time",
        ),
        pytest.param(
            "[[fixed_points]]",
            "[fixed_points]",
            (
                "fixed_points (line 40): expected a list of tables, found a table. Write each "
                "one under [[fixed_points]]."
            ),
            id="one table for a list of them",
        ),
        pytest.param(
            'languages = ["en", "sv"]',
            'languages = "en"',
            (
                "event, languages (line 11): expected a list, found a text. Write it like "
                '["one", "two"].'
            ),
            id="a text for a list",
        ),
        pytest.param(
            'contact = { name = "Leader", email = "summit@stockholm.example" }',
            'contact = "Leader"',
            (
                "event, contact (line 12): expected a table, found a text. Write it like contact "
                '= { key = "value" }.'
            ),
            id="a text for a table",
        ),
    ],
)
def test_a_bad_key_is_told_with_its_place_line_and_mend(spoilt, told, good, bad, message):
    assert told(spoilt(good, bad)) == message


def test_texts_are_not_judged_by_languages_that_are_bad_themselves(spoilt, told):
    message = told(spoilt('languages = ["en", "sv"]', 'languages = ["en", "xx"]'))

    assert message == 'event, languages[1] (line 11): unknown language "xx". Known here: en, sv.'
