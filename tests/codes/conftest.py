"""The guest's page with a dinner and a workshop, as in the tests of the answer."""

from tests.rsvp.conftest import app, browser, clock, event, invitation

__all__ = ["app", "browser", "clock", "event", "invitation"]
