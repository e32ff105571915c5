"""The form that asks for a sign-in link."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from app.addresses import AddressRefusedError, read_address


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    email = StringField()

    def validate_email(self, field: StringField) -> None:
        try:
            read_address((field.data or "").strip())
        except AddressRefusedError as refusal:
            message = _("Write your address as name@domain, like protocol@stockholm.example.")
            raise ValidationError(message) from refusal
