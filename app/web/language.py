"""Which language a page speaks: asked for, else the guest's, else the browser's."""

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from app.language import LANGUAGES


def init_app(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose_language)


def choose_language() -> str:
    """Return the page's language; the worker has no request and names its language itself."""
    if not has_request_context():
        return LANGUAGES[0]
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    own: str | None = g.get("guest_language") or g.get("organiser_language")
    return own or request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
