"""The house stands as docs/architecture.md says: imports go one way, functions stay small."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

APP = Path(__file__).parents[1] / "app"
BASE = (
    "clock", "config", "addresses", "tokens", "language_facts", "language", "logs", "spreadsheets",
    "db", "mail", "parts",
)  # fmt: skip
FEATURES = (
    "events", "deliveries", "organisers", "brand", "texts", "guests", "programme", "calendars",
    "invitations", "delegates", "codes", "rsvp", "amendments", "decisions", "requests", "privacy",
    "budget", "dashboard", "digests", "event_files",
)  # fmt: skip
EDGES = ("web", "worker", "cli")
LEVEL = {name: level for level, name in enumerate((*BASE, *FEATURES, *EDGES))}
FILES = ("models", "queries", "services", "messages", "forms", "views")
DOMAIN = FILES[:4]
WEB_LIBRARIES = {"flask", "flask_babel", "flask_wtf", "werkzeug", "wtforms"}
# The registry exists to import every table; the entry points tie the house together.
EXEMPT = {"app/db/registry.py", "app/__init__.py", "app/web/blueprints.py", "app/web/errors.py"}
LONGEST_FUNCTION, LONGEST_FILE = 40, 400

MODULES = sorted(path for path in APP.rglob("*.py") if "versions" not in path.parts)


def name_of(path: Path) -> str:
    return str(path.relative_to(APP.parent))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            yield f"{name_of(path)}:{node.name}", node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_packages_import_only_what_comes_before_them(path):
    parts = path.relative_to(APP).with_suffix("").parts
    if name_of(path) in EXEMPT:
        return
    own = LEVEL[parts[0]]
    reach = LEVEL["web"] if parts[-1] in {"views", "forms", "desk"} or parts[0] in EDGES else own
    for target in imports(path):
        if target.startswith("app.") and target.split(".")[1] in LEVEL:
            level = LEVEL[target.split(".")[1]]
            assert level <= max(own, reach), f"{name_of(path)} imports upwards: {target}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_of_a_feature_import_only_what_stands_left_of_them(path):
    package, file = path.parent.name, path.stem
    if file not in FILES:
        return
    for target in imports(path):
        parts = target.split(".")
        if parts[:2] == ["app", package] and len(parts) > 2 and parts[2] in FILES:
            assert FILES.index(parts[2]) <= FILES.index(file), f"imports upwards: {target}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rules_know_nothing_of_the_web(path):
    parts = path.relative_to(APP).parts
    if parts[0] not in FEATURES or path.stem in {"forms", "views", "wording", "desk"}:
        return
    for target in imports(path):
        assert target.split(".")[0] not in WEB_LIBRARIES, f"{name_of(path)} knows {target}"
        assert not target.startswith("app.web"), f"{name_of(path)} knows {target}"


def test_transactions_end_in_three_places_only():
    committing = {
        name_of(path)
        for path in MODULES
        if any(word in path.read_text(encoding="utf-8") for word in (".commit()", ".begin()"))
    }
    allowed = {"app/web/transaction.py", "app/worker/loop.py", "app/db/migrate.py"}
    assert {name for name in committing - allowed if not name.startswith("app/cli/")} == set()


def test_only_the_clock_asks_for_the_time():
    asking = {
        name_of(path)
        for path in MODULES
        if any(word in path.read_text(encoding="utf-8") for word in (".now(", "utcnow(", ".today("))
    }
    assert asking == {"app/clock.py"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_in_a_line_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_functions_are_small():
    lengths = dict(pair for path in MODULES for pair in functions(path))
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    assert median(lengths.values()) <= 8
    short = sum(length <= 25 for length in lengths.values())
    assert short / len(lengths) >= 0.9


def test_files_are_short():
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_module_swallows_what_has_no_name():
    nameless = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    found = {name_of(path) for path in MODULES if path.stem in nameless}
    assert found == {"app/db/base.py"}  # SQLAlchemy's word for the parent of all tables
