"""Signing in: links that work once, sessions that can be revoked, roles on events."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.addresses import email_key, read_address
from app.deliveries.models import DeliveryKind
from app.deliveries.services import queue_delivery
from app.events.models import Event
from app.organisers.models import Organiser, OrganiserSession, Role, RoleOnEvent, SignInLink
from app.organisers.queries import digest_key, find_organiser, find_role, find_sign_in_link

LINK_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)
MOST_LINKS = 5
"""How many links an organiser may ask for within the time one of them lasts."""
SESSION_KEY_BYTES = 32


class SignInLinkUnknownError(Exception):
    """There is no such sign-in link."""


class SignInLinkUsedError(Exception):
    """The link has signed somebody in already; it works once."""


class SignInLinkExpiredError(Exception):
    """The link was not used within its 15 minutes."""


def add_organiser(
    session: Session,
    email: str,
    role: Role,
    event: Event,
    *,
    name: str = "",
    language: str,
    now: datetime,
) -> Organiser:
    """Give a person a role on the event, and make the person known where they are not yet.

    Once more with the same address: the role becomes the new one, a name given replaces the old.
    Raises AddressRefusedError.
    """
    address = read_address(email.strip())
    organiser = find_organiser(session, email_key(address))
    if organiser is None:
        organiser = _new_organiser(session, address, name=name, language=language, now=now)
    elif name:
        organiser.name = name
    held = find_role(session, organiser.id, event.id)
    if held is None:
        session.add(RoleOnEvent(organiser_id=organiser.id, event_id=event.id, role=role))
    else:
        held.role = role
    session.flush()
    return organiser


def _new_organiser(
    session: Session, address: str, *, name: str, language: str, now: datetime
) -> Organiser:
    organiser = Organiser(
        email=address,
        email_key=email_key(address),
        name=name or address,
        language=language,
        created_at=now,
    )
    session.add(organiser)
    session.flush()
    return organiser


def make_sign_in_link(session: Session, organiser: Organiser, now: datetime) -> SignInLink:
    """Make a link that signs in once, within 15 minutes; its address comes from `Links.sign_in`."""
    link = SignInLink(organiser_id=organiser.id, created_at=now, expires_at=now + LINK_LASTS)
    session.add(link)
    session.flush()
    return link


def request_sign_in(session: Session, email: str, now: datetime) -> None:
    """Ask for a sign-in mail, if somebody has that address; the caller cannot tell.

    The sixth link within 15 minutes is not sent, in silence: nobody can flood a mailbox from here.
    """
    known = find_organiser(session, email_key(email.strip()))
    if known is None:
        return
    # Two presses at once are counted one after the other.
    organiser = session.get_one(Organiser, known.id, with_for_update=True)
    if _links_since(session, organiser, now - LINK_LASTS) >= MOST_LINKS:
        return
    link = make_sign_in_link(session, organiser, now)
    queue_delivery(
        session,
        DeliveryKind.SIGN_IN,
        key=f"{DeliveryKind.SIGN_IN}:{link.id}:1",
        subject_id=link.id,
        recipient=organiser.email,
        language=organiser.language,
        now=now,
    )


def _links_since(session: Session, organiser: Organiser, since: datetime) -> int:
    return session.scalars(
        select(func.count()).where(
            SignInLink.organiser_id == organiser.id, SignInLink.created_at > since
        )
    ).one()


def check_sign_in_link(session: Session, public_id: str, now: datetime) -> None:
    """Raise what `use_sign_in_link` would raise; changes nothing."""
    link = find_sign_in_link(session, public_id)
    if link is None:
        raise SignInLinkUnknownError
    if link.used_at is not None:
        raise SignInLinkUsedError
    if link.expires_at <= now:
        raise SignInLinkExpiredError


def use_sign_in_link(session: Session, public_id: str, now: datetime) -> Organiser:
    """Use the link up and return whom it signs in; of two uses at once one wins.

    Raises SignInLinkUnknownError, SignInLinkUsedError, SignInLinkExpiredError.
    """
    organiser_id = session.scalars(
        update(SignInLink)
        .where(
            SignInLink.public_id == public_id,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLink.organiser_id)
    ).one_or_none()
    if organiser_id is None:
        check_sign_in_link(session, public_id, now)
        raise SignInLinkUsedError
    return session.get_one(Organiser, organiser_id)


def open_session(session: Session, organiser: Organiser, now: datetime) -> str:
    """Open a session of 12 hours and return its key, which only the browser keeps."""
    key = secrets.token_urlsafe(SESSION_KEY_BYTES)
    session.add(
        OrganiserSession(
            key_digest=digest_key(key),
            organiser_id=organiser.id,
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
    )
    return key


def revoke_session(session: Session, key: str, now: datetime) -> None:
    """End the session of that key; harmless where it is over already."""
    session.execute(
        update(OrganiserSession)
        .where(OrganiserSession.key_digest == digest_key(key))
        .where(OrganiserSession.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoke_all_sessions(session: Session, organiser: Organiser, now: datetime) -> int:
    """End every session of the organiser, on all browsers; return how many were still running."""
    revoked = session.scalars(
        update(OrganiserSession)
        .where(OrganiserSession.organiser_id == organiser.id)
        .where(OrganiserSession.revoked_at.is_(None), OrganiserSession.expires_at > now)
        .values(revoked_at=now)
        .returning(OrganiserSession.id)
    )
    return len(revoked.all())
