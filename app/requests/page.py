"""What a guest's page says of requests: at each locked part, and of a representative."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.invitations.models import Invitation
from app.requests.models import Request, RequestKind, RequestState, Wished
from app.requests.queries import list_of_invitation


@dataclass(frozen=True)
class Typed:
    """What a guest has filled in at one part, and what is wrong with it."""

    part: str = ""
    wished: str = Wished.OTHER
    words: str = ""
    error: str = ""
    control: str = ""
    """The id of what the error is about."""


@dataclass(frozen=True)
class Asked:
    """The requests of one invitation, the newest first, and what has just been typed."""

    requests: Sequence[Request]
    typed: Typed = field(default_factory=Typed)

    def at(self, part: str) -> Request | None:
        """Return the newest late change of that part that was not taken back."""
        return self._newest(RequestKind.LATE_CHANGE, part)

    def typed_at(self, part: str) -> Typed:
        """Return what stands in the form of that part; a waiting request can be worded anew."""
        if self.typed.part == part:
            return self.typed
        request = self.at(part)
        if request is None or request.state is not RequestState.WAITING:
            return Typed(part)
        return Typed(part, request.wished or Wished.OTHER, request.words)

    @property
    def representative(self) -> Request | None:
        """The newest proposal that was not taken back."""
        return self._newest(RequestKind.REPRESENTATIVE, "")

    def _newest(self, kind: RequestKind, part: str) -> Request | None:
        standing = (one for one in self.requests if one.state is not RequestState.TAKEN_BACK)
        return next((one for one in standing if (one.kind, one.part) == (kind, part)), None)


def asked_of(session: Session, invitation: Invitation, typed: Typed | None = None) -> Asked:
    """Return what was asked about an invitation."""
    return Asked(list_of_invitation(session, invitation.id), typed or Typed())
