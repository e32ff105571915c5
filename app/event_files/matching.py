"""Which row an entry of the file speaks of."""

from collections.abc import Mapping, Sequence

from app.decisions.models import Decision
from app.event_files.entries import DecisionEntry, HostEntry
from app.events.models import Host


def match_hosts(
    hosts: Sequence[Host], entries: Sequence[HostEntry]
) -> list[tuple[HostEntry, Host | None]]:
    """Return each entry with the host that has its name in any language, or None: a new one."""
    left = list(hosts)
    pairs = []
    for entry in entries:
        host = next((host for host in left if _share_a_text(host.name, entry.name)), None)
        if host is not None:
            left.remove(host)
        pairs.append((entry, host))
    return pairs


def dropped_hosts(hosts: Sequence[Host], entries: Sequence[HostEntry]) -> list[Host]:
    """Return the hosts that the file no longer names."""
    kept = [host for _, host in match_hosts(hosts, entries)]
    return [host for host in hosts if host not in kept]


def match_decisions(
    decisions: Sequence[Decision], entries: Sequence[DecisionEntry]
) -> list[tuple[DecisionEntry, Decision | None]]:
    """Return each entry with the decision of its matter, date and text, or None: a new one."""
    left = list(decisions)
    pairs = []
    for entry in entries:
        decision = next((decision for decision in left if _is_same(decision, entry)), None)
        if decision is not None:
            left.remove(decision)
        pairs.append((entry, decision))
    return pairs


def _is_same(decision: Decision, entry: DecisionEntry) -> bool:
    return (
        decision.matter == entry.matter
        and decision.decided_on == entry.decided_on
        and _share_a_text(decision.text, entry.text)
    )


def _share_a_text(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return not {text.casefold() for text in one.values()}.isdisjoint(
        text.casefold() for text in other.values()
    )
