"""Questions about organisers, their roles and sessions."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.events.models import Event
from app.organisers.models import Organiser, OrganiserSession, Role, RoleOnEvent, SignInLink


def digest_key(key: str) -> str:
    """Return what the database keeps of a session's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def find_session(session: Session, key: str, *, now: datetime) -> OrganiserSession | None:
    """Return the session of that key with its organiser, unless it is over or revoked."""
    return session.scalars(
        select(OrganiserSession)
        .join(OrganiserSession.organiser)
        .options(contains_eager(OrganiserSession.organiser))
        .where(
            OrganiserSession.key_digest == digest_key(key),
            OrganiserSession.revoked_at.is_(None),
            OrganiserSession.expires_at > now,
        )
    ).one_or_none()


def role_on_event(session: Session, organiser: Organiser, event_id: int) -> Role | None:
    held = find_role(session, organiser.id, event_id)
    return held.role if held else None


def find_role(session: Session, organiser_id: int, event_id: int) -> RoleOnEvent | None:
    return session.scalars(
        select(RoleOnEvent).where(
            RoleOnEvent.organiser_id == organiser_id, RoleOnEvent.event_id == event_id
        )
    ).one_or_none()


def find_sign_in_link(session: Session, public_id: str) -> SignInLink | None:
    """Return the link as it stands in the database now."""
    return session.scalars(
        select(SignInLink)
        .where(SignInLink.public_id == public_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def list_roles(session: Session, organiser: Organiser) -> Sequence[tuple[Event, Role]]:
    """Return the events the organiser has a role on, with the role, the latest first."""
    return session.execute(
        select(Event, RoleOnEvent.role)
        .join(RoleOnEvent, RoleOnEvent.event_id == Event.id)
        .where(RoleOnEvent.organiser_id == organiser.id)
        .order_by(Event.starts.desc(), Event.slug)
    ).all()


def list_with_role(session: Session, event_id: int, role: Role) -> Sequence[Organiser]:
    """Return who has that role on the event, by name."""
    return session.scalars(
        select(Organiser)
        .join(Organiser.roles)
        .where(RoleOnEvent.event_id == event_id, RoleOnEvent.role == role)
        .order_by(Organiser.name, Organiser.id)
    ).all()


def find_organiser(session: Session, email_key: str) -> Organiser | None:
    """Return the organiser with that folded address."""
    return session.scalars(select(Organiser).where(Organiser.email_key == email_key)).one_or_none()


def first_organiser(session: Session) -> Organiser | None:
    """Return the organiser who was made known first, whatever the event."""
    return session.scalars(select(Organiser).order_by(Organiser.id).limit(1)).one_or_none()
