"""What the reader of the guest list asks for, and the form of an answer that came otherwise."""

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from app.dashboard.roster import RosterFilter, Standing
from app.rsvp.forms import LONGEST_MESSAGE, Mistake
from app.rsvp.models import AnswerChannel

LONGEST_SEARCH = 100


def read_filter() -> RosterFilter:
    """Return what the address asks for; what makes no sense there asks for nothing."""
    asked = request.args
    return RosterFilter(
        standing=asked.get("state", type=Standing),
        words=asked.get("q", "").strip()[:LONGEST_SEARCH],
        country=asked.get("country", ""),
        language=asked.get("language", ""),
        half_way=asked.get("parts") == "open",
        page=asked.get("page", 1, type=int),
    )


class RecordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """How an answer came; the answer itself has the fields of the guest's page (rsvp.forms)."""

    channels = (
        (AnswerChannel.PHONE, _("Phone")),
        (AnswerChannel.LETTER, _("Letter")),
        (AnswerChannel.EMAIL, _("E-mail")),
        (AnswerChannel.IN_PERSON, _("In person")),
    )
    channel = SelectField(choices=[SelectChoice(value, word) for value, word in channels])
    said = TextAreaField(
        filters=[lambda text: (text or "").replace("\r\n", "\n").strip()],
        validators=[
            Length(
                max=LONGEST_MESSAGE,
                message=_("Shorten what was said to %(max)d characters."),
            )
        ],
    )
    confirm = BooleanField(default=True)

    def mistakes(self) -> list[Mistake]:
        """Check the fields and return what is wrong, each with the id of its control."""
        self.validate()
        return [Mistake(name, str(errors[0])) for name, errors in self.errors.items() if name]
