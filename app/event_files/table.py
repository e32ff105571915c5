"""One table of an event file, read key by key; what is wrong is noted and reading goes on.

In the place of a bad or missing value its reader gets a stand-in. No stand-in leaves the house:
every one has its mistake in the log, and a log with mistakes raises before an event is returned.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from app.event_files.mistakes import KeyPath, MistakeLog, Wrong, shown
from app.event_files.values import Reader, kind_name, nearest

T = TypeVar("T")

_LABEL_KEYS = ("slug", "name", "title", "matter")


class Table:
    def __init__(
        self,
        values: Mapping[str, object],
        log: MistakeLog,
        *,
        path: KeyPath = (),
        name: str = "",
        inside: str = "",
    ) -> None:
        self._values = values
        self._log = log
        self._path = path
        self._name = name
        self._inside = inside
        self._known: dict[str, None] = {}
        self._bad: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> object:
        """Return the value as it stands in the file, None where it is missing."""
        self._known[key] = None
        return self._values.get(key)

    def need(self, key: str, read: Reader[T], stand_in: T) -> T:
        """Return the value of a key that must be there."""
        self.require(key)
        return self.take(key, read, stand_in)

    def take(self, key: str, read: Reader[T], default: T) -> T:
        """Return the value of a key that may be left out."""
        value = self.get(key)
        if value is None:
            return default
        try:
            return read(value)
        except Wrong as wrong:
            self.note(key, wrong)
            return default

    def require(self, key: str) -> None:
        self._known[key] = None
        if key not in self._values:
            self.note(key, Wrong("it is missing.", f"Add {key} here."))

    def each(self, key: str, read: Reader[str]) -> tuple[str, ...]:
        """Return the entries of a list, which is not empty and in which none stands twice."""
        value = self.get(key)
        if not isinstance(value, list):
            self._note_kind(key, value, "a list", 'Write it like ["one", "two"].')
            return ()
        if not value:
            self.note(key, Wrong("the list is empty.", "Write at least one entry."))
        entries: dict[str, str] = {}
        for index, item in enumerate(value):
            self._read_entry(key, index, item, read, entries)
        return tuple(entries.values())

    def _read_entry(
        self, key: str, index: int, item: object, read: Reader[str], entries: dict[str, str]
    ) -> None:
        try:
            entry = read(item)
        except Wrong as wrong:
            self.note(key, wrong, at=f"[{index}]")
            return
        if entry.casefold() in entries:
            repeated = Wrong(f'"{shown(entry)}" stands here twice.', "Take one out.")
            self.note(key, repeated, at=f"[{index}]")
        entries[entry.casefold()] = entry

    def inner(self, key: str) -> "Table | None":
        """Return the table under a key, None where it is missing or something else."""
        value = self.get(key)
        if not isinstance(value, dict):
            self._note_kind(key, value, "a table", f'Write it like {key} = {{ key = "value" }}.')
            return None
        path = (*self._path, key)
        if not self._name:
            return Table(value, self._log, path=path, name=key)
        inside = f"{self._inside}{key}."
        return Table(value, self._log, path=path, name=self._name, inside=inside)

    def tables(self, key: str) -> "list[Table]":
        """Return the tables written one by one under [[key]]."""
        value = self.get(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._note_kind(key, value, "a list of tables", f"Write each one under [[{key}]].")
            return []
        return [
            Table(item, self._log, path=(key, index), name=f"{key}[{index}]{_label(item)}")
            for index, item in enumerate(value)
        ]

    def note(self, key: str, wrong: Wrong, *, at: str = "") -> None:
        """Note what is wrong with the value of a key."""
        self._bad.add(key)
        inside = f"{self._inside}{shown(key)}{at}"
        place = f"{self._name}, {inside}" if self._name else inside
        self._log.add((*self._path, key), place, wrong)

    def _note_kind(self, key: str, value: object, wanted: str, mend: str) -> None:
        if value is not None:
            self.note(key, Wrong(f"expected {wanted}, found {kind_name(value)}.", mend))

    def is_good(self, *keys: str) -> bool:
        """Tell whether all these keys are there and nothing was wrong with them."""
        return all(key in self._values and key not in self._bad for key in keys)

    def finish(self, noun: str = "key") -> None:
        """Note each key that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                unknown = Wrong(f'unknown {noun} "{shown(key)}".', nearest(key, self._known))
                self.note(key, unknown)

    def __str__(self) -> str:
        line = self._log.line_of(self._path)
        return f"{self._name} (line {line})" if line else self._name


def _label(values: Mapping[str, object]) -> str:
    """Return the words by which a person knows the entry, in quotation marks."""
    named = next((values[key] for key in _LABEL_KEYS if key in values), None)
    if isinstance(named, Mapping):
        named = next(iter(named.values()), None)
    return f' "{shown(named)}"' if isinstance(named, str) else ""


def read_texts(
    table: Table, key: str, read: Reader[str], *, languages: Sequence[str]
) -> dict[str, str]:
    """Return the text of a key in each language: written once for all, or once per language.

    Without `languages` any are read, for the sake of the mistakes in them.
    """
    value = table.get(key)
    if not isinstance(value, dict):
        return dict.fromkeys(languages, table.take(key, read, ""))
    inner = table.inner(key)
    if inner is None:
        return {}
    texts = {language: inner.need(language, read, "") for language in languages or value}
    inner.finish("language")
    return texts
