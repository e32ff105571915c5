"""What mail programs support, from caniemail.com: the part of its data that we ask for.

`python -m tests.mails.caniemail FILE` makes that part anew from the whole, `data/caniemail.json` of
the npm package caniemail.
"""

import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

REDUCED = Path(__file__).parents[1] / "vendor" / "caniemail" / "caniemail.json"
CLIENTS = (
    "apple-mail.ios",
    "apple-mail.macos",
    "gmail.android",
    "gmail.desktop-webmail",
    "gmail.ios",
    "outlook.android",
    "outlook.ios",
    "outlook.macos",
    "outlook.outlook-com",
    "outlook.windows",
)
"""The mail programs in which every mail is to read well."""
SPLIT = [(one, *one.split(".")) for one in CLIENTS]
CATEGORIES = {"css", "html"}
WHOLLY = "y"


@dataclass(frozen=True)
class Feature:
    """One feature, and how well the newest version of each program that was tried knows it."""

    title: str
    category: str
    support: dict[str, str]
    """y (wholly), a (partly), n (not) or u (unknown), and the numbers of notes."""
    notes: dict[str, str]

    def lacking(self) -> list[str]:
        """Return the programs that do not know it wholly, or of which it is not known."""
        return [one for one in CLIENTS if self.support.get(one, "u").split()[0] != WHOLLY]


@lru_cache(maxsize=1)
def features() -> dict[str, Feature]:
    """Return all features of HTML and CSS, by title."""
    read = json.loads(REDUCED.read_text(encoding="utf-8"))
    return {row["title"]: Feature(**row) for row in read}


def _reduced(row: dict) -> dict[str, object]:
    stats = {one: row["stats"].get(family, {}).get(platform, {}) for one, family, platform in SPLIT}
    newest = {one: list(tried.values())[-1] for one, tried in stats.items() if tried}
    numbers = {word[1:] for said in newest.values() for word in said.split() if word[0] == "#"}
    notes = {
        number: said for number, said in (row["notes_by_num"] or {}).items() if number in numbers
    }
    return {name: row[name] for name in ("title", "category")} | {"support": newest, "notes": notes}


def _reduce(whole: Path) -> None:
    rows = json.loads(whole.read_text(encoding="utf-8"))["data"]
    kept = [_reduced(row) for row in rows if row["category"] in CATEGORIES]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in kept)
    REDUCED.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    _reduce(Path(sys.argv[1]))
