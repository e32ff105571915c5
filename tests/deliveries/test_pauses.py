"""Holding mail back: faults with their trial mail, domains that ask for patience, and stops."""

from datetime import timedelta

import pytest

from app.deliveries.claiming import claim
from app.deliveries.models import Pause, PauseKind
from app.deliveries.pauses import (
    ALL,
    LONGEST_WAIT,
    PATIENCE,
    STRIKES_OF_A_DOMAIN,
    TRIAL_LASTS,
    batch_scope,
    domain_scope,
    event_scope,
    go_on,
    note_trouble,
    note_well,
    read_pauses,
    stop,
)
from tests.factories import NOW, make_event
from tests.outbox import FIRST, SECOND, begun, queue, take

SECONDS, MINUTES, HOURS = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SERVER, SETTINGS, DOMAIN = PauseKind.SERVER, PauseKind.SETTINGS, PauseKind.DOMAIN
EXAMPLE = domain_scope("example.org")


def strike(session, scope=ALL, kind=SERVER, *, times=1, now=NOW, began=None) -> Pause:
    """Note trouble so many times, and return the pause as it stands then."""
    for _ in range(times):
        words = {"reason": "Away.", "reply": "421"}
        note_trouble(session, scope, kind, **words, began=began or now, now=now)
    (found,) = (pause for pause in read_pauses(session, now).rows if pause.scope == scope)
    return found


def held(session, now=NOW) -> set[str]:
    return {pause.scope for pause in read_pauses(session, now).rows}


@pytest.mark.parametrize(
    ("kind", "waits"),
    [
        (SERVER, [5, 10, 20, 40, 80, 160, 300, 300]),
        (SETTINGS, [30, 60, 120, 240, 480, 600, 600]),
        (DOMAIN, [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1800, 1800]),
    ],
)
def test_the_wait_doubles_with_each_strike_up_to_a_limit(kind, waits):
    strikes = range(1, len(waits) + 1)
    assert [PATIENCE[kind].after(number).total_seconds() for number in strikes] == waits
    assert PATIENCE[kind].after(10_000).total_seconds() == waits[-1]


def test_no_pause_is_longer_than_the_longest_there_is():
    assert max(patience.longest for patience in PATIENCE.values()) <= LONGEST_WAIT


def test_a_fault_of_the_server_holds_every_mail_back(session):
    queue(session)
    pause = strike(session)
    assert (pause.until, pause.strikes, pause.reason, pause.reply) == (
        NOW + 5 * SECONDS,
        1,
        "Away.",
        "421",
    )
    assert take(session, now=NOW + 4 * SECONDS) == []
    assert take(session, now=NOW + 5 * SECONDS) == ["one"]


def test_only_a_new_pause_is_returned_for_an_alarm(session):
    words = {"reason": "Away.", "reply": "", "began": NOW, "now": NOW}
    first = note_trouble(session, ALL, SERVER, **words)
    assert first is not None
    assert first.since == NOW
    assert note_trouble(session, ALL, SERVER, **words) is None


def test_past_its_end_a_pause_lets_one_mail_through_and_then_holds_the_others(session):
    mails = [queue(session, key) for key in ("trial", "second", "third")]
    strike(session)
    later = NOW + 6 * SECONDS
    assert take(session, now=later) == ["trial"]
    assert take(session, SECOND, now=later + MINUTES) == []
    pauses = read_pauses(session, later)
    assert [pauses.may_go(mail) for mail in mails] == [True, False, False]


def test_of_two_workers_one_takes_the_trial(session):
    queue(session, "one")
    queue(session, "two")
    strike(session)
    later = NOW + 6 * SECONDS
    seen_by_both = read_pauses(session, later)
    claimed = [claim(session, worker, seen_by_both, limit=5) for worker in (FIRST, SECOND)]
    assert [len(mails) for mails in claimed] == [1, 0]


def test_a_trial_without_an_outcome_is_followed_by_another(session):
    queue(session, "one")
    queue(session, "two")
    strike(session)
    later = NOW + 6 * SECONDS
    assert take(session, now=later) == ["one"]
    assert take(session, SECOND, now=later + TRIAL_LASTS - SECONDS) == []
    assert len(take(session, SECOND, now=later + TRIAL_LASTS)) == 1


def test_a_trial_that_fails_prolongs_the_pause_and_one_that_goes_well_ends_it(session):
    queue(session, "one")
    queue(session, "two")
    strike(session)
    later = NOW + 6 * SECONDS
    take(session, now=later)
    pause = strike(session, now=later)
    assert (pause.strikes, pause.until, pause.trial) == (2, later + 10 * SECONDS, None)
    note_well(session, read_pauses(session, later), whole_queue=True, domains=())
    assert held(session) == set()


def test_mails_that_were_under_way_at_the_last_strike_tell_nothing_new(session):
    strike(session, now=NOW)
    pause = strike(session, began=NOW - SECONDS, now=NOW + SECONDS, times=7)
    assert (pause.strikes, pause.until) == (1, NOW + 5 * SECONDS)


def test_a_fault_of_the_settings_takes_the_place_of_one_of_the_server(session):
    strike(session)
    pause = strike(session, kind=SETTINGS, now=NOW + 6 * SECONDS)
    assert (pause.kind, pause.since, pause.strikes) == (SETTINGS, NOW, 2)


def test_a_provider_may_put_off_four_mails_before_its_others_wait(session):
    queue(session)
    strike(session, EXAMPLE, DOMAIN, times=STRIKES_OF_A_DOMAIN - 1)
    assert take(session) == ["one"]


def test_from_the_fifth_on_its_mails_wait_and_those_to_others_go(session):
    queue(session, "held")
    queue(session, "goes", recipient="zofia@other.example")
    pause = strike(session, EXAMPLE, DOMAIN, times=STRIKES_OF_A_DOMAIN)
    assert pause.until == NOW + 30 * SECONDS
    assert take(session) == ["goes"]
    assert take(session, now=pause.until - SECONDS) == []
    assert take(session, now=pause.until) == ["held"]


def test_of_many_put_off_at_once_the_fifth_alone_begins_the_wait(session):
    pause = strike(session, EXAMPLE, DOMAIN, times=40, began=NOW, now=NOW + SECONDS)
    assert (pause.strikes, pause.until) == (STRIKES_OF_A_DOMAIN, NOW + 31 * SECONDS)


def test_a_domain_on_trial_gets_one_mail_the_one_that_was_tried_before(session):
    queue(session, "new")
    queue(session, "other", recipient="zofia@other.example")
    queue(session, "tried").attempts = 1
    session.flush()
    pause = strike(session, EXAMPLE, DOMAIN, times=STRIKES_OF_A_DOMAIN)
    assert take(session, now=pause.until) == ["tried", "other"]
    assert take(session, now=pause.until) == []


def test_mail_that_a_provider_took_ends_its_pause_and_no_other(session):
    other = domain_scope("other.example")
    for scope in (EXAMPLE, other):
        strike(session, scope, DOMAIN, times=STRIKES_OF_A_DOMAIN)
    strike(session)
    pauses = read_pauses(session, NOW)
    ended = note_well(session, pauses, whole_queue=False, domains=["example.org"])
    assert [pause.scope for pause in ended] == [EXAMPLE]
    assert held(session) == {other, ALL}


def test_the_trial_of_a_domain_is_no_mail_that_is_stopped(session):
    stopped, other = make_event(session), make_event(session, slug="gala")
    queue(session, "stopped", event_id=stopped.id).attempts = 1
    queue(session, "goes", event_id=other.id)
    stop(session, event_scope(stopped.id), by="Astrid", now=NOW)
    pause = strike(session, EXAMPLE, DOMAIN, times=STRIKES_OF_A_DOMAIN)
    assert take(session, now=pause.until) == ["goes"]


def test_the_trial_of_the_whole_queue_may_be_one_to_a_domain_on_trial(session):
    queue(session)
    strike(session, EXAMPLE, DOMAIN, times=STRIKES_OF_A_DOMAIN)
    strike(session)
    assert take(session, now=NOW + 29 * SECONDS) == []
    assert take(session, now=NOW + 30 * SECONDS) == ["one"]


def test_a_stopped_event_and_a_stopped_batch_stand_still_until_they_go_on(session):
    event = make_event(session)
    queue(session, "of the event", event_id=event.id)
    queue(session, "of the batch", batch="9:wave:1")
    queue(session, "free")
    scopes = (event_scope(event.id), batch_scope("9:wave:1"))
    assert [stop(session, scope, by="Astrid", now=NOW) for scope in scopes] == [True, True]
    assert take(session) == ["free"]
    assert [go_on(session, scope) for scope in scopes] == [True, True]
    assert take(session) == ["of the event", "of the batch"]


def test_who_stops_what_stands_still_changes_nothing(session):
    assert stop(session, event_scope(7), by="Astrid", now=NOW) is True
    assert stop(session, event_scope(7), by="Henrik", now=NOW + HOURS) is False
    (pause,) = read_pauses(session, NOW).rows
    assert (pause.by, pause.since, pause.until) == ("Astrid", NOW, None)


def test_going_on_where_nothing_was_held_back_is_no_error(session):
    assert go_on(session, event_scope(7)) is False


def test_a_person_may_try_at_once_what_waits_for_a_fault(session):
    queue(session)
    strike(session, times=7)
    assert go_on(session, ALL) is True
    assert take(session) == ["one"]


def test_a_claimed_mail_does_not_go_once_its_batch_is_stopped(session):
    delivery = queue(session, batch="9:wave:1")
    take(session)
    stop(session, batch_scope("9:wave:1"), by="Astrid", now=NOW)
    assert read_pauses(session, NOW).may_go(delivery) is False


def test_a_pause_from_before_the_clock_was_set_back_is_on_trial(session):
    queue(session, "one")
    queue(session, "two")
    strike(session, now=NOW + HOURS)
    assert take(session) == ["one"]
    assert take(session) == []


def test_trouble_after_the_clock_was_set_back_is_a_strike(session):
    strike(session, now=NOW + HOURS)
    pause = strike(session)
    assert (pause.strikes, pause.until) == (2, NOW + 10 * SECONDS)


def test_a_stop_outlives_any_clock(session):
    event = make_event(session)
    begun(session, "in hand", event_id=event.id)
    queue(session, event_id=event.id)
    stop(session, event_scope(event.id), by="Astrid", now=NOW + HOURS)
    assert take(session, now=NOW - 100 * HOURS) == []
