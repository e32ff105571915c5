"""Settings: every mistake at once, no default secret, each documented."""

import re
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, PublicFormat

from app.config import Settings, SettingsError
from tests.mail.keys import make_key, pem

ROOT = Path(__file__).parents[1]
READ = re.compile(r'self\.(?:text|number|switch|secret)\(\s*"([A-Z_]+)"')

SHORT_KEY = """-----BEGIN PRIVATE KEY-----
MIIB5QIBADANBgkqhkiG9w0BAQEFAASCAc8wggHLAgEAAmEA7u1o5xK96KzHBHYa
VkeBB10taLiFWwTzyzUhoxQVFutumQVMgjSnXHS8LzzN9NzOa2IBe5GiTmudWOyn
5N4sI6TiUKx+0p5gMwfJdn7lLOVuraxrU0tZbc4BZdk/vtQLAgMBAAECYQDoW5xU
dMaZ3EWkEhNk6x8RgU1i9WhDb1qEugQfa61i381sJVoVmo1UffZxXgnR41U+0HRl
L964u5BCa7OJmP7wU0qYW3G4pNh4jPali9eDBVuRrfIOLT4mT55RTdGIQXECMQD4
IWPHVo5bxQNEPpTqtm3ByYXjr9JkwNO16KrbOQl/jOzZzI7g2gptXePPztq82kkC
MQD2gUyMp2H7BTKVlPVTQAGI90TXa2da1A2R1F6HeAuyToodIbkPXf/U6SBJHAlI
m7MCMEsfwNffauZ59Y057VhKt1xOqUzQNMDwaKjQsroAwNFvV15xwmhtW27VWF3Y
YP2AkQIwfWbxxmwwkD7oqOgKlbtuDHuebeiZv7842AMtw8TyTldeM8vAFW1AhNPE
NO0qW+G5AjEAqBd2aTyAfa9gzUpcFq3V/s2qx1tSRozUejiJXVBOLE+vpeBWX4By
r1D/ehdhKhyP
-----END PRIVATE KEY-----"""
KEYS = {
    "": lambda: "",
    "good": lambda: pem(make_key()),
    "cut off": lambda: pem(make_key())[:600],
    "public": lambda: (
        make_key()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    ),
    "locked": lambda: pem(make_key(), pass_phrase=b"secret"),
    "ed25519": lambda: pem(Ed25519PrivateKey.generate()),
    "short": lambda: SHORT_KEY,
}


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


def test_mails_are_signed_where_a_key_and_its_selector_are_set(tmp_path):
    (tmp_path / "dkim.pem").write_text(pem(make_key()), encoding="ascii")
    settings = read(
        tmp_path, MAIL_DKIM_KEY_FILE=str(tmp_path / "dkim.pem"), MAIL_DKIM_SELECTOR="couvert"
    )
    assert settings.mail.dkim is not None
    assert settings.mail.dkim.selector == "couvert"
    assert settings.mail.dkim.key.private_numbers() == make_key().private_numbers()


def test_a_key_in_its_older_form_and_with_foreign_line_ends_is_read(tmp_path):
    written = pem(make_key(), form=PrivateFormat.TraditionalOpenSSL).replace("\n", "\r\n")
    settings = read(tmp_path, MAIL_DKIM_KEY=written, MAIL_DKIM_SELECTOR="2026-11.couvert")
    assert settings.mail.dkim is not None
    assert settings.mail.dkim.key.key_size == 2048


@pytest.mark.parametrize(
    ("key", "selector", "mistakes"),
    [
        ("good", "", ["MAIL_DKIM_KEY is set: give MAIL_DKIM_SELECTOR too."]),
        ("", "couvert", ["MAIL_DKIM_SELECTOR is set: give MAIL_DKIM_KEY_FILE too."]),
        ("cut off", "couvert", ["MAIL_DKIM_KEY: this is not a private key in PEM form."]),
        ("public", "couvert", ["MAIL_DKIM_KEY: this is not a private key in PEM form."]),
        ("locked", "couvert", ["MAIL_DKIM_KEY: the key has a pass phrase."]),
        ("ed25519", "couvert", ["MAIL_DKIM_KEY: this is no RSA key, and many receivers"]),
        ("short", "couvert", ["MAIL_DKIM_KEY: this is an RSA key of 768 bits; receivers take"]),
        ("good", "a_b", ["MAIL_DKIM_SELECTOR=a_b: give the name the key has in DNS"]),
        ("good", "-a", ["MAIL_DKIM_SELECTOR=-a: give the name the key has in DNS"]),
        ("good", "a" * 64, ["MAIL_DKIM_SELECTOR=aaa"]),
        ("", "a..b", ["MAIL_DKIM_SELECTOR=a..b: ", "MAIL_DKIM_SELECTOR is set: give"]),
    ],
)
def test_half_a_signature_or_an_unsound_one_is_a_mistake(tmp_path, key, selector, mistakes):
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, MAIL_DKIM_KEY=KEYS[key](), MAIL_DKIM_SELECTOR=selector)
    told = refused.value.mistakes
    assert [text[: len(start)] for text, start in zip(told, mistakes, strict=True)] == mistakes
    assert "PRIVATE KEY-----" not in str(refused.value)


def test_a_key_file_that_cannot_be_read_is_one_mistake(tmp_path):
    missing = str(tmp_path / "missing")
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, MAIL_DKIM_KEY_FILE=missing, MAIL_DKIM_SELECTOR="couvert")
    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f"MAIL_DKIM_KEY_FILE={missing}: the file cannot be read")


def test_postgresql_addresses_get_their_driver(tmp_path):
    settings = read(tmp_path, DATABASE_URL="postgresql://couvert@db/couvert")
    assert settings.database_url == "postgresql+psycopg://couvert@db/couvert"


def test_mails_come_from_the_host_guests_reach_where_nothing_else_is_said(tmp_path):
    settings = read(tmp_path, BASE_URL="https://invitation.example/")
    assert str(settings.mail.sender) == "Couvert <couvert@invitation.example>"
    assert settings.base_url == "https://invitation.example"


@pytest.mark.parametrize("sender", ["nobody", "desk@-å.example", "desk@☃.example"])
def test_a_sender_mail_cannot_name_is_a_mistake(tmp_path, sender):
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, MAIL_DEFAULT_SENDER=sender)
    (mistake,) = refused.value.mistakes
    assert mistake.startswith(f"MAIL_DEFAULT_SENDER={sender}: give the address mails come from")


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
