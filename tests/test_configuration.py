"""Settings: every mistake at once, no default secret, each documented."""

import re
import stat
from pathlib import Path

import pytest

from app.config import Settings, SettingsError

ROOT = Path(__file__).parents[1]
READ = re.compile(r'self\.(?:text|number|switch|secret)\(\s*"([A-Z_]+)"')


def read(tmp_path: Path, **environ: str) -> Settings:
    return Settings.from_environment({"INSTANCE_PATH": str(tmp_path), **environ})


def test_nothing_set_gives_one_process_on_sqlite_with_a_local_mailbox(tmp_path):
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'couvert.sqlite3'}"
    assert (settings.port, settings.base_url) == (8000, "http://127.0.0.1:8000")
    assert settings.local_mail


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 48
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "password").write_text("from a file\n", encoding="utf-8")
    settings = read(tmp_path, MAIL_PASSWORD_FILE=str(tmp_path / "password"))
    assert settings.mail.password == "from a file"


def test_postgresql_addresses_get_their_driver(tmp_path):
    settings = read(tmp_path, DATABASE_URL="postgresql://couvert@db/couvert")
    assert settings.database_url == "postgresql+psycopg://couvert@db/couvert"


def test_mails_come_from_the_host_guests_reach_where_nothing_else_is_said(tmp_path):
    settings = read(tmp_path, BASE_URL="https://invitation.example/")
    assert str(settings.mail.sender) == "Couvert <couvert@invitation.example>"
    assert settings.base_url == "https://invitation.example"


def test_every_mistake_is_reported_at_once(tmp_path):
    with pytest.raises(SettingsError) as refused:
        read(
            tmp_path,
            PORT="eighty",
            DATABASE_URL="mysql://db",
            BASE_URL="invitation.example",
            SECRET_KEY="short",
            MAIL_USE_TLS="true",
            MAIL_USE_SSL="true",
            MAIL_TIMEOUT="0",
            MAIL_DEFAULT_SENDER="nobody",
            SECRET_KEY_FALLBACKS_FILE=str(tmp_path / "missing"),
        )
    names = [
        mistake.split("=")[0].split(":")[0].split(" ")[0] for mistake in refused.value.mistakes
    ]
    assert sorted(names) == [
        "BASE_URL",
        "DATABASE_URL",
        "MAIL_DEFAULT_SENDER",
        "MAIL_TIMEOUT",
        "MAIL_USE_TLS",
        "PORT",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS_FILE",
    ]


def test_wrong_settings_make_no_secret_key(tmp_path):
    with pytest.raises(SettingsError):
        read(tmp_path, PORT="eighty")
    assert list(tmp_path.iterdir()) == []


def test_each_setting_is_documented_and_nothing_else_is():
    source = (ROOT / "app" / "config.py").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE))
    assert documented == set(READ.findall(source))
