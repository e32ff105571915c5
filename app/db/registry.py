"""Every table in one place, for migrations and for tests; the product itself does not need it."""

import app.brand.models
import app.budget.models
import app.calendars.models
import app.codes.models
import app.decisions.models
import app.delegates.models
import app.deliveries.models
import app.digests.models
import app.events.models
import app.guests.models
import app.invitations.models
import app.organisers.models
import app.programme.models
import app.requests.models
import app.rsvp.models
import app.texts.models  # noqa: F401 - imported for their tables
from app.db.base import Base

metadata = Base.metadata
