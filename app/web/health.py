"""Whether the process is up, and whether it can do its work."""

from flask import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from app.db.migrate import is_current
from app.web.access import public
from app.web.transaction import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> tuple[str, int]:
    return "up\n", 200


@blueprint.get("/readyz")
@public
def readyz() -> tuple[str, int]:
    """Answer 200 when the database can be read and has the newest schema, else 503."""
    try:
        current = is_current(db().connection())
    except SQLAlchemyError:
        return "the database cannot be reached\n", 503
    return ("ready\n", 200) if current else ("the schema is old: couvert db upgrade\n", 503)
