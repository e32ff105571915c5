"""What an organiser writes in the form of a text, and for whom the preview is."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField

from app.mail.words import Words


class TextForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    subject = StringField()
    body = TextAreaField()
    written_from = IntegerField()
    """The version that held when the form was shown, 0 for the product's words."""

    @property
    def words(self) -> Words:
        return Words(self.subject.data or "", self.body.data or "")

    @property
    def base(self) -> int:
        """Return what it was written from; a form that does not say so is older than any."""
        version: int | None = self.written_from.data
        return -1 if version is None else version
