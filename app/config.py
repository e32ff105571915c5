"""Settings: read once from the environment, checked, frozen; nothing else reads it."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import idna
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

SHORTEST_SECRET = 16
HIGHEST_PORT = 65535
SHORTEST_DKIM_KEY = 1024  # bits; receivers take no shorter one (RFC 8301)
DNS_LABELS = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
HERE = Path(__file__).resolve().parents[1]


class SettingsError(Exception):
    """One or more settings are wrong; the text names each of them and its mend."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


@dataclass(frozen=True)
class DkimSettings:
    """What mails are signed with. The public half stands in DNS, under the selector."""

    key: RSAPrivateKey
    selector: str


@dataclass(frozen=True)
class MailSettings:
    """How mail leaves. In local mode (no MAIL_SERVER) a mailbox on loopback takes it."""

    local: bool
    server: str
    port: int
    use_tls: bool
    use_ssl: bool
    username: str
    password: str
    sender: Address
    timeout: int
    rate_per_minute: int
    connections: int
    """How many mails one worker hands over at a time."""
    ca_file: str
    """Certificates to trust in place of the system's; empty for the system's."""
    dkim: DkimSettings | None = None
    """None where mails leave unsigned."""


@dataclass(frozen=True)
class Settings:
    """What an operator can set; `docs/configuration.md` lists each with its meaning."""

    database_url: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    base_url: str
    instance_path: Path
    port: int
    mail: MailSettings

    @property
    def local_mail(self) -> bool:
        """Whether mail goes to the mailbox on this machine rather than to an SMTP server."""
        return self.mail.local

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read every setting; raise SettingsError naming all mistakes at once."""
        return _Reader(environ).settings()


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.mistakes: list[str] = []

    def settings(self) -> Settings:
        instance_path = Path(self.text("INSTANCE_PATH", str(HERE / "instance"))).resolve()
        port = self.number("PORT", 8000, least=1, most=HIGHEST_PORT)
        read = {
            "database_url": self.database_url(instance_path),
            "secret_key_fallbacks": tuple(
                self.secret("SECRET_KEY_FALLBACKS").replace(",", " ").split()
            ),
            "base_url": self.base_url(port),
            "mail": self.mail(),
        }
        secret_key = self.secret_key()
        if self.mistakes:
            raise SettingsError(self.mistakes)
        return Settings(
            instance_path=instance_path,
            port=port,
            secret_key=secret_key or _kept_secret_key(instance_path),
            **read,  # type: ignore[arg-type]
        )

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        written = self.text(name, str(default))
        if written.isdecimal() and least <= int(written) <= most:
            return int(written)
        self.mistakes.append(f"{name}={written}: give a whole number from {least} to {most}.")
        return default

    def switch(self, name: str) -> bool:
        written = self.text(name, "false").lower()
        if written not in {"true", "false", "1", "0", "yes", "no"}:
            self.mistakes.append(f"{name}={written}: give true or false.")
        return written in {"true", "1", "yes"}

    def secret(self, name: str) -> str:
        """Read a secret from NAME, or from the file that NAME_FILE names."""
        path = self.text(f"{name}_FILE")
        if not path:
            return self.text(name)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.mistakes.append(f"{name}_FILE={path}: the file cannot be read ({error}).")
            return ""

    def secret_key(self) -> str:
        key = self.secret("SECRET_KEY")
        if key and len(key) < SHORTEST_SECRET:
            self.mistakes.append(
                f"SECRET_KEY is too short: give at least {SHORTEST_SECRET} random characters, or"
                " leave it out and one is made and kept in the instance folder."
            )
        return key

    def database_url(self, instance_path: Path) -> str:
        written = self.text("DATABASE_URL", f"sqlite:///{instance_path / 'couvert.sqlite3'}")
        if written.startswith(("postgresql://", "postgres://")):
            written = "postgresql+psycopg://" + written.split("://", 1)[1]
        try:
            backend = make_url(written).drivername
        except ArgumentError:
            backend = "unreadable"
        if backend not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
            self.mistakes.append(
                f"DATABASE_URL: {backend} is not served. Give sqlite:///PATH or"
                " postgresql+psycopg://USER:PASSWORD@HOST/NAME."
            )
        return written

    def base_url(self, port: int) -> str:
        written = self.text("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
        parts = urlsplit(written)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.netloc
            or parts.query
            or parts.fragment
        ):
            self.mistakes.append(
                f"BASE_URL={written}: give the address guests reach, like https://invitation.example."
            )
        return written

    def mail(self) -> MailSettings:
        use_tls, use_ssl = self.switch("MAIL_USE_TLS"), self.switch("MAIL_USE_SSL")
        if use_tls and use_ssl:
            self.mistakes.append("MAIL_USE_TLS and MAIL_USE_SSL are both true: choose one of them.")
        default_port = 465 if use_ssl else 587 if use_tls else 25
        return MailSettings(
            local=not self.text("MAIL_SERVER"),
            server=self.text("MAIL_SERVER"),
            port=self.number("MAIL_PORT", default_port, least=1, most=HIGHEST_PORT),
            use_tls=use_tls,
            use_ssl=use_ssl,
            username=self.text("MAIL_USERNAME"),
            password=self.secret("MAIL_PASSWORD"),
            sender=self.sender(),
            timeout=self.number("MAIL_TIMEOUT", 60, least=1, most=600),
            ca_file=self.ca_file(),
            connections=self.number("MAIL_CONNECTIONS", 4, least=1, most=100),
            rate_per_minute=self.number("MAIL_RATE_PER_MINUTE", 0, least=0, most=100_000),
            dkim=self.dkim(),
        )

    def dkim(self) -> DkimSettings | None:
        """Read what mails are signed with; where neither half is set, they are not."""
        before = len(self.mistakes)
        written, selector = self.secret("MAIL_DKIM_KEY"), self.text("MAIL_DKIM_SELECTOR")
        unread = len(self.mistakes) > before
        key = self.dkim_key(written) if written else None
        if selector and not DNS_LABELS.fullmatch(selector):
            self.mistakes.append(
                f"MAIL_DKIM_SELECTOR={selector}: give the name the key has in DNS, of letters,"
                " digits and hyphens, like couvert."
            )
        if written and not selector:
            self.mistakes.append("MAIL_DKIM_KEY is set: give MAIL_DKIM_SELECTOR too.")
        if selector and not written and not unread:
            self.mistakes.append("MAIL_DKIM_SELECTOR is set: give MAIL_DKIM_KEY_FILE too.")
        return DkimSettings(key, selector) if key else None

    def dkim_key(self, written: str) -> RSAPrivateKey | None:
        try:
            return _rsa_key(written)
        except ValueError as error:
            self.mistakes.append(f"MAIL_DKIM_KEY: {error}")
            return None

    def ca_file(self) -> str:
        path = self.text("MAIL_CA_FILE")
        if path and not os.access(path, os.R_OK):
            self.mistakes.append(f"MAIL_CA_FILE={path}: the file cannot be read.")
        return path

    def sender(self) -> Address:
        """Read who mails come from; left out, the mails come from the host guests reach."""
        host = urlsplit(self.text("BASE_URL")).hostname or "localhost"
        written = self.text("MAIL_DEFAULT_SENDER", f"Couvert <couvert@{host}>")
        name, address = parseaddr(written)
        try:
            sender = Address(display_name=name, addr_spec=address)
            if not sender.domain.isascii():
                idna.encode(sender.domain, uts46=True)  # raises where it has no form for DNS
        except (ValueError, MessageError):
            self.mistakes.append(
                f"MAIL_DEFAULT_SENDER={written}: give the address mails come from, like"
                " City of Stockholm <summit@stockholm.example>."
            )
            return Address(display_name="Couvert", addr_spec="couvert@localhost")
        return sender


def _rsa_key(written: str) -> RSAPrivateKey:
    """Read an RSA key from its PEM form; raise ValueError with the mend, never with the key."""
    try:
        key = load_pem_private_key(written.encode(), password=None)
    except TypeError:
        raise ValueError("the key has a pass phrase. Give it without one.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            "this is not a private key in PEM form. Make one: openssl genrsa -out dkim.pem 2048"
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("this is no RSA key, and many receivers check no other. Give one.")  # noqa: TRY004 - the text is wrong, not its type
    if key.key_size < SHORTEST_DKIM_KEY:
        raise ValueError(
            f"this is an RSA key of {key.key_size} bits; receivers take none under"
            f" {SHORTEST_DKIM_KEY}."
            " Give one of 2048."
        )
    return key


def _kept_secret_key(instance_path: Path) -> str:
    """Return the secret key kept in the instance folder, made (mode 0600) on the first start."""
    path = instance_path / "secret_key"
    instance_path.mkdir(parents=True, exist_ok=True)
    try:
        # A temporary name and link(): of two first starts at once, both end with the same key.
        fresh = instance_path / f".secret_key.{secrets.token_hex(8)}"
        if not path.exists():
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            [f"INSTANCE_PATH={instance_path}: the secret key cannot be kept ({error})."]
        ) from error
