"""`couvert requests`: what guests ask for, and deciding it."""

from datetime import date

import click
from sqlalchemy.orm import Session

from app.cli import options
from app.cli.printing import print_json, print_table
from app.cli.refusals import CommandGroup, Refused
from app.cli.transaction import changing, looking
from app.events.queries import get_event
from app.parts import parts
from app.requests.disowning import is_right_after_all, withdraw_disowned
from app.requests.messages import person_name
from app.requests.models import Request, RequestKind
from app.requests.queries import find_request, list_requests, waits
from app.requests.representatives import approve
from app.requests.services import grant, refuse
from app.rsvp.choices import AnswerRefusedError

request_id = click.argument("public_id", metavar="ID")


@click.group("requests", cls=CommandGroup)
def requests() -> None:
    """See what guests ask for, and decide it."""


@requests.command("list")
@options.event_slug
@options.as_json
def list_command(event_slug: str, *, as_json: bool) -> None:
    """List the requests of EVENT, what waits first. The guests' own words are not printed."""
    with looking() as session:
        event = get_event(session, event_slug)
        facts = [_facts(request) for request in list_requests(session, event.id)]
    if as_json:
        print_json(facts)
    else:
        shown = ("id", "state", "kind", "name", "part", "wished", "person")
        rows = [["" if row[name] is None else str(row[name]) for name in shown] for row in facts]
        print_table([name.capitalize() for name in shown], rows)


def _facts(request: Request) -> dict[str, object]:
    guest = request.invitation.guest
    lapsed = request.decided_at is None and not waits(request)
    return {
        "id": request.public_id,
        "kind": request.kind,
        "state": "lapsed" if lapsed else request.state,
        "email": guest.email,
        "name": guest.name,
        "part": request.part or None,
        "wished": request.wished,
        "person": person_name(request, "en") or None,
        "asked_at": request.asked_at.isoformat(),
        "asked_by": request.actor or None,
        "decided_at": request.decided_at.isoformat() if request.decided_at else None,
        "decided_by": request.decided_by or None,
    }


@requests.command("grant")
@options.event_slug
@request_id
@click.option("--reply", default="", help="What the guest is told.")
@click.option("--reply-by", type=options.Day(), help="Of a representative: the last day to answer.")
@options.by
def grant_command(
    event_slug: str, public_id: str, reply: str, reply_by: date | None, by: str
) -> None:
    """Grant a request of EVENT: approve a representative, withdraw what reached the wrong one."""
    now = parts().clock()
    with changing() as session:
        request = _find(session, event_slug, public_id)
        name = request.invitation.guest.full_name
        try:
            match request.kind:
                case RequestKind.LATE_CHANGE:
                    grant(session, request, by=by, reply=reply, now=now)
                case RequestKind.REPRESENTATIVE:
                    approve(session, request, by=by, reply=reply, reply_by=reply_by, now=now)
                case RequestKind.NOT_ME:
                    withdraw_disowned(session, request, by=by, reply=reply, now=now)
        except AnswerRefusedError as refusal:
            raise Refused(_against(refusal)) from refusal
    click.echo(f"Granted: {_told(request.kind, name)}")


def _against(refusal: AnswerRefusedError) -> str:
    """Name what stands against it."""
    reasons = (
        " ".join([one.reason, *(item.slug for item in (one.item, one.other) if item)])
        for one in refusal.refusals
    )
    return f"This cannot be granted: {', '.join(reasons)}. Nothing was changed."


def _told(kind: RequestKind, name: str) -> str:
    if kind is RequestKind.NOT_ME:
        return f"the invitation of {name} is withdrawn; its link is dead."
    if kind is RequestKind.REPRESENTATIVE:
        return f"the representative of {name} is invited; both are told by mail."
    return f"{name} is told by mail."


@requests.command("refuse")
@options.event_slug
@request_id
@click.option("--reply", default="", help="What the guest is told; needed, but for a wrong link.")
@options.by
def refuse_command(event_slug: str, public_id: str, reply: str, by: str) -> None:
    """Refuse a request of EVENT; of a link in wrong hands: it is right after all."""
    now = parts().clock()
    with changing() as session:
        request = _find(session, event_slug, public_id)
        name, kind = request.invitation.guest.full_name, request.kind
        decide = is_right_after_all if kind is RequestKind.NOT_ME else refuse
        decide(session, request, by=by, reply=reply, now=now)
    stands = f"the invitation of {name} stands as before."
    click.echo(f"Refused: {stands if kind is RequestKind.NOT_ME else f'{name} is told by mail.'}")


def _find(session: Session, event_slug: str, public_id: str) -> Request:
    event = get_event(session, event_slug)
    request = find_request(session, event.id, public_id)
    if request is None:
        raise Refused(
            f'There is no request "{public_id}". List them: couvert requests list {event_slug}.'
        )
    return request
