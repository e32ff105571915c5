"""Couvert: invitations and answers for invitation-only events."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from app.clock import utc_now
from app.config import Settings
from app.db.engine import make_sessions
from app.language import JINJA_FILTERS, JINJA_GLOBALS
from app.logs import set_up_logging
from app.mail.compose import Composer
from app.mail.dkim import DkimSigner
from app.mail.transport import SafeMail
from app.parts import Links, Parts
from app.tokens import make_signers
from app.web import assets, blueprints, errors, headers, language, transaction

EMAIL_TEMPLATES = Path(__file__).resolve().parents[1] / "email_templates"
LARGEST_REQUEST = 256 * 1024


def create_app(
    settings: Settings | None = None, *, clock: Callable[[], datetime] = utc_now
) -> Flask:
    """Make the application: settings, then database, then pages."""
    if settings is None:
        set_up_logging()
        settings = Settings.from_environment()
    app = Flask(__name__, instance_path=str(settings.instance_path))
    app.config.update(_flask_config(settings))
    app.extensions["couvert"] = _make_parts(app, settings, clock)
    app.jinja_env.filters.update(JINJA_FILTERS)
    app.jinja_env.globals.update(JINJA_GLOBALS)
    language.init_app(app)
    transaction.init_app(app)
    headers.init_app(app, https=settings.base_url.startswith("https://"))
    assets.init_app(app)
    errors.init_app(app)
    blueprints.register(app)
    return app


def _make_parts(app: Flask, settings: Settings, clock: Callable[[], datetime]) -> Parts:
    signers = make_signers(settings.secret_key, settings.secret_key_fallbacks)
    return Parts(
        settings=settings,
        sessions=make_sessions(settings.database_url),
        signers=signers,
        links=Links(settings.base_url, signers),
        composer=Composer(EMAIL_TEMPLATES, JINJA_FILTERS),
        mail=SafeMail(app),
        dkim=DkimSigner.from_settings(settings.mail),
        clock=clock,
    )


def _flask_config(settings: Settings) -> dict[str, object]:
    mail = settings.mail
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        # On one's own machine only: elsewhere the web server in front knows the names.
        "TRUSTED_HOSTS": _own_hosts(settings) if settings.local_mail else None,
        "SESSION_COOKIE_NAME": "couvert",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.base_url.startswith("https://"),
        # A form left open over lunch must still be sendable; the session bounds it anyway.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # it demands a Referer, which our pages never send
        "MAIL_SERVER": mail.server,
        "MAIL_PORT": mail.port,
        "MAIL_USE_TLS": mail.use_tls,
        "MAIL_USE_SSL": mail.use_ssl,
        "MAIL_USERNAME": mail.username,
        "MAIL_PASSWORD": mail.password,
        "MAIL_DEFAULT_SENDER": str(mail.sender),
        "MAIL_TIMEOUT": mail.timeout,
        "MAIL_CA_FILE": mail.ca_file or None,
        "MAIL_EHLO_NAME": _ehlo_name(settings.base_url),
    }


def _own_hosts(settings: Settings) -> list[str]:
    """Return the names this machine answers to; a foreign name that points here gets nothing."""
    return ["127.0.0.1", "localhost", urlsplit(settings.base_url).hostname or "localhost"]


def _ehlo_name(base_url: str) -> str:
    """Return the name we greet mail servers with: that of our own site, if it has one."""
    host = urlsplit(base_url).hostname or "localhost"
    return host if host[-1].isalpha() else "localhost"
