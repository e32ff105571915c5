"""Each mistake in a single value of an event file, as it is told."""

import pytest


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        pytest.param(
            'slug = "visit-kista"',
            'slug = "Visit till Älvsjö"',
            (
                'programme[1] "Visit till Älvsjö", slug (line 32): "Visit till Älvsjö" is not a '
                "slug: a-z, 0-9 and single hyphens, at most 80 characters. Write it like "
                '"visit-till-alvsjo".'
            ),
            id="a slug with capitals and spaces",
        ),
        pytest.param(
            'slug = "summit"',
            'slug = ""',
            (
                'event, slug (line 2): "" is not a slug: a-z, 0-9 and single hyphens, at most 80 '
                'characters. Write it like "study-visit".'
            ),
            id="a slug of nothing",
        ),
        pytest.param(
            'kind = "study visit"',
            'kind = "study visits"',
            (
                'programme[1] "visit-kista", kind (line 33): unknown kind "study visits". Did '
                'you mean "study visit"?'
            ),
            id="an unknown kind",
        ),
        pytest.param(
            'languages = ["en", "sv"]',
            'languages = ["en", "sv", "xx"]',
            'event, languages[2] (line 11): unknown language "xx". Known here: en, sv.',
            id="an unknown language",
        ),
        pytest.param(
            'languages = ["en", "sv"]',
            'languages = ["en", "sv", "en"]',
            'event, languages[2] (line 11): "en" stands here twice. Take one out.',
            id="a language twice",
        ),
        pytest.param(
            'languages = ["en", "sv"]',
            "languages = []",
            "event, languages (line 11): the list is empty. Write at least one entry.",
            id="no language",
        ),
        pytest.param(
            "Europe/Stockholm",
            "Europe/Stokholm",
            (
                'event, time_zone (line 7): unknown time zone "Europe/Stokholm". Did you mean '
                '"Europe/Stockholm"?'
            ),
            id="an unknown time zone",
        ),
        pytest.param(
            "Europe/Stockholm",
            "../etc",
            (
                'event, time_zone (line 7): unknown time zone "../etc". Write it like '
                '"Europe/Stockholm".'
            ),
            id="no time zone at all",
        ),
        pytest.param(
            'theme = { en = "Future", sv = "Framtid" }',
            'theme = { en = "Future" }',
            "event, theme.sv (line 4): it is missing. Add sv here.",
            id="a text missing in a language",
        ),
        pytest.param(
            'theme = { en = "Future", sv = "Framtid" }',
            'theme = { en = "Future", sv = "Framtid", de = "Zukunft" }',
            'event, theme.de (line 4): unknown language "de". Known here: en, sv.',
            id="a text in a foreign language",
        ),
        pytest.param(
            'city = "Stockholm"',
            'city = "  "',
            "event, city (line 8): the text is empty. Write the text.",
            id="an empty text",
        ),
        pytest.param(
            'city = "Stockholm"',
            'city = "Stock\\nholm"',
            (
                "event, city (line 8): the text has a line break (U+000A) as character 6. Take "
                "it out."
            ),
            id="a text with a line break",
        ),
        pytest.param(
            'city = "Stockholm"',
            'city = "Stock\\u200Bholm"',
            (
                "event, city (line 8): the text has a control or invisible character (U+200B) as "
                "character 6. Take it out."
            ),
            id="a text with a zero-width space",
        ),
        pytest.param(
            'sv = "Framtid"',
            'sv = "Fram\\u0007tid"',
            (
                "event, theme.sv (line 4): the text has a control or invisible character "
                "(U+0007) as character 5. Take it out."
            ),
            id="a text with a control character",
        ),
        pytest.param(
            'name = "Summit"',
            'name = "' + "n" * 201 + '"',
            "event, name (line 3): the text has 201 characters, 200 is the limit. Shorten it.",
            id="a long name",
        ),
        pytest.param(
            'theme = { en = "Future", sv = "Framtid" }',
            'theme = "' + "n" * 301 + '"',
            ("event, theme (line 4): the text has 301 characters, 300 is the limit. Shorten it."),
            id="a long theme",
        ),
        pytest.param(
            "places = 40",
            "places = 0",
            (
                'programme[0] "dinner", places (line 28): the number is too small. Write a '
                "number from 1 to 100000."
            ),
            id="no places",
        ),
        pytest.param(
            "places = 40",
            "places = -1",
            (
                'programme[0] "dinner", places (line 28): the number is too small. Write a '
                "number from 1 to 100000."
            ),
            id="negative places",
        ),
        pytest.param(
            "place_limit = 30",
            "place_limit = 0",
            (
                "event, place_limit (line 9): the number is too small. Write a number from 1 to "
                "100000."
            ),
            id="a place limit of none",
        ),
        pytest.param(
            "place_limit = 30",
            "place_limit = 100001",
            (
                "event, place_limit (line 9): the number is too large. Write a number from 1 to "
                "100000."
            ),
            id="far too many places",
        ),
        pytest.param(
            "quota = 20",
            "quota = -1",
            (
                'hosts[0] "City of Stockholm", quota (line 16): the number is too small. Write a '
                "number from 0 to 100000."
            ),
            id="a negative quota",
        ),
        pytest.param(
            "transfer_minutes = 30",
            "transfer_minutes = -5",
            (
                'programme[1] "visit-kista", transfer_minutes (line 38): the number is too '
                "small. Write a number from 0 to 1440."
            ),
            id="a negative transfer",
        ),
        pytest.param(
            "transfer_minutes = 30",
            "transfer_minutes = 1441",
            (
                'programme[1] "visit-kista", transfer_minutes (line 38): the number is too '
                "large. Write a number from 0 to 1440."
            ),
            id="a transfer of more than a day",
        ),
        pytest.param(
            "place_limit = 30",
            "place_limit = 30\ncompanions_per_guest = -1",
            (
                "event, companions_per_guest (line 10): the number is too small. Write a number "
                "from 0 to 10."
            ),
            id="a negative number of companions",
        ),
        pytest.param(
            'email = "summit@stockholm.example"',
            'email = "summit@"',
            (
                'event, contact.email (line 12): "summit@" is not an e-mail address. There must '
                "be something after the @-sign. Write it like name@domain."
            ),
            id="a contact without a domain",
        ),
        pytest.param(
            '"group@stockholm.example"',
            '"Group <group@stockholm.example>"',
            (
                'digest, recipients[1] (line 60): "Group <group@stockholm.example>" is not an '
                "e-mail address. A display name and angle brackets around the email address are "
                "not permitted here. Write it like name@domain."
            ),
            id="a recipient with a name",
        ),
        pytest.param(
            '"group@stockholm.example"',
            '"Summit@stockholm.example"',
            (
                'digest, recipients[1] (line 60): "Summit@stockholm.example" stands here twice. '
                "Take one out."
            ),
            id="a recipient twice",
        ),
        pytest.param(
            'recipients = ["summit@stockholm.example", "group@stockholm.example"]',
            "recipients = []",
            "digest, recipients (line 60): the list is empty. Write at least one entry.",
            id="no recipient",
        ),
        pytest.param(
            '"friday"',
            '"fredag"',
            'digest, weekday (line 58): unknown weekday "fredag". Did you mean "friday"?',
            id="an unknown weekday",
        ),
        pytest.param(
            'matter = "theme"',
            'matter = "speaker"',
            (
                'decisions[0] "speaker", matter (line 47): unknown matter "speaker". Did you '
                'mean "main speaker"?'
            ),
            id="an unknown matter",
        ),
        pytest.param(
            '"SEK"',
            '"sek"',
            (
                'funders[0] "STOKAB", currency (line 55): "sek" is not a currency. Write its '
                'three capital letters, like "SEK".'
            ),
            id="a currency in small letters",
        ),
        pytest.param(
            "150000.50",
            "-1",
            (
                'funders[0] "STOKAB", share (line 54): the share is negative. Write an amount '
                "from 0 to 999999999999."
            ),
            id="a negative share",
        ),
        pytest.param(
            "150000.50",
            "0.333",
            (
                'funders[0] "STOKAB", share (line 54): the share has more than two decimals. '
                "Round it."
            ),
            id="a share of a third",
        ),
        pytest.param(
            "150000.50",
            "nan",
            (
                'funders[0] "STOKAB", share (line 54): the share is not a number. Write an '
                "amount like 300000."
            ),
            id="a share that is no number",
        ),
        pytest.param(
            "150000.50",
            "inf",
            (
                'funders[0] "STOKAB", share (line 54): the share is too large. Write an amount '
                "from 0 to 999999999999."
            ),
            id="an endless share",
        ),
    ],
)
def test_a_bad_value_is_told_with_its_place_line_and_mend(spoilt, told, good, bad, message):
    assert told(spoilt(good, bad)) == message
