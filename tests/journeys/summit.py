"""An event for the walks of guests: scarce items, overlaps, a clash, links that came by mail."""

from datetime import UTC, date, datetime

from sqlalchemy import func, select, update

from app.db.engine import make_sessions
from app.guests.models import Guest
from app.invitations.models import Invitation
from app.mail.mailbox import StoredMail, list_mails, read_mail
from app.programme.models import ItemKind, ProgrammeItem
from app.rsvp.models import Choice, ChoiceAnswer, Rsvp
from tests.factories import both, make_dinner, make_event, make_fixed_point, make_guest, make_item
from tests.product import Product, find_links, wait_until

SLUG = "summit"
GUESTS = 40
AHEAD = {"starts": date(2090, 12, 9), "ends": date(2090, 12, 10), "reply_by": date(2090, 11, 20)}
"""The processes have the real clock: the event must lie ahead of it."""
LOCKS = {"locks": date(2090, 12, 1)}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2090, 12, day, hour, minute, tzinfo=UTC)


class Summit:
    """The event on a running product. Each walk takes a guest of its own."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.mailbox = product.folder / "mailbox"
        self.sessions = make_sessions(f"sqlite:///{product.folder / 'couvert.sqlite3'}")
        self.taken = {"en": 0, "sv": 0}

    def prepare(self) -> None:
        with self.sessions.begin() as session:
            event = make_event(session, slug=SLUG, place_limit=GUESTS + 5, **AHEAD)
            make_item(session, event, "opening", starts=at(9, 8), ends=at(9, 9), **LOCKS)
            for number in range(4):
                facts = {"starts": at(9, 10 + number), "ends": at(9, 10 + number, 45), "places": 1}
                kind = ItemKind.WORKSHOP
                make_item(session, event, f"workshop-{number}", kind=kind, **facts, **LOCKS)
            make_item(session, event, "late", starts=at(9, 15), ends=at(9, 16), **LOCKS)
            for slug in ("visit-kista", "visit-stokab"):
                facts = {"starts": at(10, 8), "ends": at(10, 11), "places": 15}
                make_item(session, event, slug, kind=ItemKind.STUDY_VISIT, **facts, **LOCKS)
            make_item(session, event, "closing", starts=at(10, 15), ends=at(10, 16), **LOCKS)
            evening = {"starts": at(9, 18), "ends": at(9, 21)}
            title = both("The City’s dinner", "Stadens middag")
            make_dinner(session, event, 80, title=title, **evening, **LOCKS)
            make_fixed_point(session, event, starts=at(10, 15, 30), ends=at(10, 17))
            for number in range(GUESTS):
                language = ("en", "sv")[number % 2]
                make_guest(session, event, email=address(number), language=language)
        self.product.run("guests", "approve", SLUG, "--by", "Steering group")

    def send(self) -> None:
        self.product.run("invitations", "send", SLUG)
        wait_until(lambda: len(list_mails(self.mailbox, limit=500)) >= GUESTS, "the first wave")

    def next_guest(self, language: str) -> str:
        """Return the address of a guest of that language who has not walked yet."""
        number = 2 * self.taken[language] + ("en", "sv").index(language)
        self.taken[language] += 1
        return address(number)

    def mails(self, recipient: str) -> list[StoredMail]:
        """Return the mails to an address, the newest first."""
        found = (read_mail(self.mailbox, mail.id) for mail in list_mails(self.mailbox, limit=900))
        return [mail for mail in found if recipient in mail.summary.recipient]

    def link(self, recipient: str) -> str:
        """Return the newest link to a guest's page that was mailed to an address."""
        wait_until(lambda: bool(self.mails(recipient)), f"a mail to {recipient}")
        return find_links(self.mails(recipient)[0].text, "rsvp")[0]

    def answer_of(self, email: str) -> str:
        """Return what is recorded of a guest: accepted or declined."""
        answer = select(Rsvp.answer).join(Rsvp.invitation).join(Invitation.guest)
        with self.sessions() as session:
            return session.scalars(answer.where(Guest.email == email)).one()

    def yes(self, slug: str) -> int:
        """Return how many have said yes to an item."""
        answers = select(func.count()).select_from(Choice).join(Choice.item)
        of_item = answers.where(ProgrammeItem.slug == slug, Choice.answer == ChoiceAnswer.YES)
        with self.sessions() as session:
            return session.scalars(of_item).one()

    def grant_newest(self, reply: str) -> None:
        """Let the organiser grant what was asked for last."""
        listed = self.product.read("requests", "list", SLUG)
        waiting = [request for request in listed if request["state"] == "waiting"]
        newest = max(waiting, key=lambda request: request["asked_at"])
        self.product.run("requests", "grant", SLUG, newest["id"], "--reply", reply)

    def lock(self, slug: str, *, on: date) -> None:
        """Let an item have been locked after that day."""
        with self.sessions.begin() as session:
            session.execute(
                update(ProgrammeItem).where(ProgrammeItem.slug == slug).values(locks=on)
            )


def address(number: int) -> str:
    return f"walker{number}@example.org"
