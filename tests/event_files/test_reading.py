"""Reading whole event files."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from app.event_files.entries import (
    Contact,
    DecisionEntry,
    DigestEntry,
    EventFile,
    FixedPointEntry,
    FunderEntry,
    HostEntry,
    ProgrammeEntry,
)
from app.event_files.mistakes import EventFileError, Mistake
from app.event_files.reading import read_event_file

TODAY = date(2009, 10, 1)


def both(text: str) -> dict[str, str]:
    return {"en": text, "sv": text}


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2009, 12, day, hour, minute, tzinfo=UTC)


def test_an_event_file_is_read_whole(read_source):
    assert read_source() == EventFile(
        slug="summit",
        name=both("Summit"),
        theme={"en": "Future", "sv": "Framtid"},
        starts=date(2009, 12, 9),
        ends=date(2009, 12, 10),
        time_zone="Europe/Stockholm",
        city=both("Stockholm"),
        place_limit=30,
        reply_by=date(2009, 11, 20),
        companions_per_guest=0,
        languages=("en", "sv"),
        contact=Contact(both("Leader"), "summit@stockholm.example", ""),
        hosts=(
            HostEntry({"en": "City of Stockholm", "sv": "Stockholms stad"}, 20),
            HostEntry(both("Cisco Systems"), None),
        ),
        programme=(DINNER, VISIT),
        fixed_points=(
            FixedPointEntry(both("Concert"), moment(8, 18), moment(8, 20), both("Concert Hall")),
        ),
        decisions=(DecisionEntry("theme", both("The theme"), TODAY, "Steering group"),),
        funders=(FunderEntry(both("STOKAB"), Decimal("150000.50"), "SEK"),),
        digest=DigestEntry(4, time(8, 15), ("summit@stockholm.example", "group@stockholm.example")),
    )


DINNER = ProgrammeEntry(
    slug="dinner",
    kind="dinner",
    title=both("Dinner"),
    starts=moment(9, 18),
    ends=moment(9, 21, 30),
    venue=both("City Hall"),
    places=40,
    arrival=False,
    dress_code={},
    transfer_minutes=0,
    locks=date(2009, 12, 2),
)
VISIT = ProgrammeEntry(
    slug="visit-kista",
    kind="study visit",
    title=both("Kista"),
    starts=moment(10, 7, 30),
    ends=moment(10, 11),
    venue=both("Coach"),
    places=None,
    arrival=False,
    dress_code={},
    transfer_minutes=30,
    locks=None,
)


def test_what_may_be_left_out_has_its_default(spoilt, read_source):
    source = spoilt('theme = { en = "Future", sv = "Framtid" }\n', "")
    event = read_source(source[: source.index("[[programme]]")])

    assert event.theme == {}
    assert [event.programme, event.fixed_points, event.decisions, event.funders] == [()] * 4
    assert event.digest == DigestEntry(0, time(7), ("summit@stockholm.example",))


def test_a_digest_without_recipients_goes_to_the_contact(spoilt, read_source):
    written = 'recipients = ["summit@stockholm.example", "group@stockholm.example"]\n'

    assert read_source(spoilt(written, "")).digest.recipients == ("summit@stockholm.example",)


def test_texts_stand_in_the_order_of_the_events_languages(spoilt, read_source):
    source = spoilt('languages = ["en", "sv"]', 'languages = ["sv", "en"]')

    assert list(read_source(source).theme.items()) == [("sv", "Framtid"), ("en", "Future")]


def test_an_event_in_one_language_needs_no_other(spoilt, read_source):
    source = spoilt('languages = ["en", "sv"]', 'languages = ["sv"]')
    source = source.replace('en = "Future", ', "").replace('en = "City of Stockholm", ', "")
    event = read_source(source)

    assert event.theme == {"sv": "Framtid"}
    assert event.city == {"sv": "Stockholm"}


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(spoilt, told):
    source = spoilt("quota = 20", "quota = 99").replace("City Hall", "")
    source = source.replace("place_limit = 30", "place_limit = 30\nplace_limits = 1")
    source = source.replace("2009-12-10T08:30:00", "2009-12-08T08:30:00")

    assert told(source).splitlines() == [
        'event, place_limits (line 10): unknown key "place_limits". Did you mean "place_limit"?',
        (
            'hosts[0] "City of Stockholm", quota (line 17): the quota (99) is over '
            "the event's place limit (30). Lower the quota or raise the limit."
        ),
        'programme[0] "dinner", venue (line 28): the text is empty. Write the text.',
        (
            'programme[1] "visit-kista", starts (line 36): the study visit lies outside '
            "the conference (9-10 December 2009). Move it inside."
        ),
    ]


def test_a_mistake_keeps_its_parts(tmp_path):
    path = tmp_path / "none.toml"

    with pytest.raises(EventFileError) as refused:
        read_event_file(path, today=TODAY)

    assert refused.value.mistakes == [
        Mistake(str(path), None, "there is no such file.", "Check the path.")
    ]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(good_source, read_source):
    source = "\ufeff" + good_source.replace("\n", "\r\n")

    assert read_source(source) == read_source()


def tell_file(path):
    """Return what is told of a file, its directory left out."""
    with pytest.raises(EventFileError) as refused:
        read_event_file(path, today=TODAY)
    mistake = refused.value.mistakes[0]
    return mistake.line, mistake.message, mistake.mend


def test_a_directory_is_no_event_file(tmp_path):
    assert tell_file(tmp_path) == (None, "this is a directory.", "Name the file in it.")


def test_a_file_in_another_encoding_is_told_by_its_line(tmp_path):
    path = tmp_path / "event.toml"
    path.write_bytes('[event]\ncity = "Malmö"\n'.encode("cp1252"))

    assert tell_file(path) == (2, "this is not UTF-8.", "Save the file as UTF-8.")


def test_a_file_without_an_event_is_told_so(tmp_path):
    path = tmp_path / "event.toml"
    path.write_text('[[hosts]]\nname = "A"\n', encoding="utf-8")

    assert tell_file(path) == (
        None,
        "the file has no [event] table.",
        "Begin the file with [event].",
    )


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        (
            "[event]\nslug summit\n",
            2,
            "this is not TOML: Expected '=' after a key in a key/value pair (column 6).",
        ),
        (
            "[event]\nstarts = 2009-02-30\n",
            2,
            "this is not TOML: Invalid date or datetime (column 10).",
        ),
        ("[event]\nslug = ", None, "this is not TOML: Invalid value (at end of document)."),
    ],
)
def test_a_syntax_error_is_told_with_line_and_column(tmp_path, source, line, message):
    path = tmp_path / "event.toml"
    path.write_text(source, encoding="utf-8")

    assert tell_file(path) == (
        line,
        message,
        "Mend that line: texts stand in quotation marks, dates and numbers without.",
    )
