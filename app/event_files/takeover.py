"""Bringing an event's rows in line with its file, part by part; each tells what it changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.amendments.services import tell_change
from app.budget.models import Funder
from app.calendars.services import let_go_of
from app.decisions.models import Decision, Matter
from app.decisions.queries import list_decisions
from app.event_files.differences import Teller, count
from app.event_files.entries import EventFile
from app.event_files.facts import (
    Facts,
    decision_facts,
    event_facts,
    fixed_point_facts,
    funder_facts,
    host_facts,
    item_facts,
)
from app.event_files.matching import dropped_hosts, match_decisions, match_hosts
from app.events.models import Event, Host
from app.guests.models import Guest
from app.invitations.queries import list_open
from app.language import in_language
from app.programme.models import FixedPoint, ProgrammeItem
from app.programme.queries import list_fixed_points, list_items
from app.programme.showing import Showing
from app.rsvp.models import Choice


def take_event(event: Event, file: EventFile, teller: Teller) -> list[str]:
    return teller.take_over(event, event_facts(file))


def take_reply_by(session: Session, event: Event, file: EventFile) -> int:
    """Move the date of open invitations that have the event's; return how many. Goes first."""
    if event.reply_by == file.reply_by:
        return 0
    moved = [
        invitation
        for invitation in list_open(session, event.id)
        if invitation.reply_by == event.reply_by
    ]
    for invitation in moved:
        invitation.reply_by = file.reply_by
    return len(moved)


def take_hosts(session: Session, event: Event, file: EventFile, teller: Teller) -> list[str]:
    pairs = match_hosts(event.hosts, file.hosts)
    dropped = dropped_hosts(event.hosts, file.hosts)
    told = [f"host {first_text(host.name)}: dropped" for host in dropped]
    if dropped or [host for _, host in pairs] != list(event.hosts):
        _clear_positions(session, event, dropped)
    for position, (entry, host) in enumerate(pairs):
        if host is None:
            event.hosts.append(Host(position=position, **host_facts(entry)))
            told.append(f"host {first_text(entry.name)}: new")
            continue
        host.position = position
        old_names = {*host.name.values()}
        told += teller.take_over(host, host_facts(entry), prefix=f"host {first_text(host.name)}, ")
        _rename_in_proposals(session, event, old_names, first_text(host.name))
    session.flush()
    session.expire(event, ["hosts"])
    return told


def _clear_positions(session: Session, event: Event, dropped: Sequence[Host]) -> None:
    """Step aside first: of two hosts that change places, both would hold one for a moment."""
    for host in dropped:
        event.hosts.remove(host)
    for host in event.hosts:
        host.position = -1 - host.position
    session.flush()


def _rename_in_proposals(session: Session, event: Event, old: set[str], new: str) -> None:
    """A change that waits for approval names its host: keep it understood."""
    if new in old:
        return
    waiting = session.scalars(
        select(Guest).where(Guest.event_id == event.id, Guest.proposed_change.is_not(None))
    )
    for guest in waiting:
        change = guest.proposed_change or {}
        if change.get("host") in old:
            guest.proposed_change = {**change, "host": new}


def take_programme(
    session: Session, event: Event, file: EventFile, teller: Teller, *, now: datetime
) -> list[str]:
    items = {item.slug: item for item in list_items(session, event.id)}
    told = []
    for entry in file.programme:
        item, facts = items.pop(entry.slug, None), item_facts(entry, file)
        if item is None:
            session.add(ProgrammeItem(event_id=event.id, slug=entry.slug, changed_at=now, **facts))
            told.append(f"programme item {entry.slug}: new")
        else:
            told += _take_item(session, event, item, facts, teller, now=now)
    for item in items.values():
        session.execute(delete(Choice).where(Choice.item_id == item.id))
        let_go_of(session, item)
        session.delete(item)
        told.append(f"programme item {item.slug}: dropped")
    session.flush()
    return told


def _take_item(
    session: Session,
    event: Event,
    item: ProgrammeItem,
    facts: Facts,
    teller: Teller,
    *,
    now: datetime,
) -> list[str]:
    before = Showing.of(item)
    told = teller.take_over(item, facts, prefix=f"programme item {item.slug}, ")
    written = tell_change(session, event, item, before, by="", now=now)
    if written:
        told.append(f"programme item {item.slug}: {count(written, 'guest')} told by mail")
    return told


def take_fixed_points(session: Session, event: Event, file: EventFile) -> list[str]:
    points = list_fixed_points(session, event.id)
    wanted = [fixed_point_facts(entry) for entry in file.fixed_points]
    if _same_facts(points, wanted):
        return []
    for point in points:
        session.delete(point)
    session.add_all(FixedPoint(event_id=event.id, **facts) for facts in wanted)
    return [f"fixed points: {len(points)} replaced by {len(wanted)}"]


def _same_facts(rows: Sequence[object], wanted: Sequence[Facts]) -> bool:
    """Whether the rows say just that, in whatever order."""
    if len(rows) != len(wanted):
        return False
    left = list(wanted)
    for row in rows:
        facts = next((facts for facts in left if _says(row, facts)), None)
        if facts is None:
            return False
        left.remove(facts)
    return True


def _says(row: object, facts: Facts) -> bool:
    return all(getattr(row, name) == value for name, value in facts.items())


def take_decisions(
    session: Session, event: Event, file: EventFile, teller: Teller, *, now: datetime
) -> list[str]:
    """Keep the register as the file has it; approvals of guest list versions are not its to say."""
    register = [
        decision for decision in list_decisions(session, event.id) if decision.version_id is None
    ]
    told = []
    for entry, decision in match_decisions(register, file.decisions):
        label = f"decision of {entry.decided_on.isoformat()} on {entry.matter}"
        if decision is not None:
            register.remove(decision)
            told += teller.take_over(decision, decision_facts(entry), prefix=f"{label}, ")
            continue
        session.add(
            Decision(
                event_id=event.id,
                matter=Matter(entry.matter),
                decided_on=entry.decided_on,
                recorded_at=now,
                **decision_facts(entry),
            )
        )
        told.append(f"{label}: new")
    for decision in register:
        session.delete(decision)
        told.append(
            f"decision of {decision.decided_on.isoformat()} on {decision.matter}: dropped"
            f" ({in_language(decision.text, event.default_language)})"
        )
    return told


def take_funders(session: Session, event: Event, file: EventFile) -> list[str]:
    funders = session.scalars(
        select(Funder).where(Funder.event_id == event.id).order_by(Funder.position)
    ).all()
    wanted = [
        {"position": position, **funder_facts(entry)} for position, entry in enumerate(file.funders)
    ]
    if _same_facts(funders, wanted):
        return []
    for funder in funders:
        session.delete(funder)
    session.flush()  # the old ones leave their positions first
    session.add_all(Funder(event_id=event.id, **facts) for facts in wanted)
    return [f"funders: {len(funders)} replaced by {len(wanted)}"]


def first_text(text: dict[str, str]) -> str:
    return next(iter(text.values()))
