"""The lines of an event file, found beside whatever TOML allows."""

from app.event_files.lines import find_lines

SOURCE = '''\
# [[programme]] in a comment
[event]
name = { en = "A [[programme]] # no comment", sv = 'B' }
languages = [
  "en", # first
  "sv",
]
contact.email = "summit@example.org"

theme = """
[[programme]]
slug = "not one"
"""
[[programme]]
slug = "one"
  [programme.title]
  en = "One"
[[ programme ]]   # the second
"slug" = "two"

[[programme.speakers]]
name = "Ada"
'''


def test_tables_and_keys_are_found_by_their_lines():
    assert find_lines(SOURCE) == {
        ("event",): 2,
        ("event", "name"): 3,
        ("event", "languages"): 4,
        ("event", "contact"): 8,
        ("event", "contact", "email"): 8,
        ("event", "theme"): 10,
        ("programme",): 14,
        ("programme", 0): 14,
        ("programme", 0, "slug"): 15,
        ("programme", 0, "title"): 16,
        ("programme", 0, "title", "en"): 17,
        ("programme", 1): 18,
        ("programme", 1, "slug"): 19,
        ("programme", 1, "speakers"): 21,
        ("programme", 1, "speakers", 0): 21,
        ("programme", 1, "speakers", 0, "name"): 22,
    }


def test_windows_line_ends_count_once():
    assert find_lines("[event]\r\nslug = 1\r\n") == {("event",): 1, ("event", "slug"): 2}


def test_an_empty_file_has_no_lines():
    assert find_lines("") == {}
