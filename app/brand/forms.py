"""The form of an event's brand."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, StringField

from app.brand.services import BrandChange


class BrandForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    colour = StringField()
    metal = StringField()
    crest = FileField()
    remove_crest = BooleanField()

    def change(self) -> BrandChange:
        """Return what is asked for; a new crest takes the place of the old one anyway."""
        file = self.crest.data
        return BrandChange(
            colour=self.colour.data or "",
            metal=self.metal.data or "",
            crest=file.read() if file else None,
            remove_crest=self.remove_crest.data,
        )
