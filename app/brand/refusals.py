"""Why a colour or a crest is refused: in plain words, with the mend, written in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.language import N_

COLOUR = N_("“%(value)s” is no colour. Write it like #0d3b66: six digits 0–9 and a–f.")
NEITHER = N_("The file is neither SVG nor PNG. Save the crest as one of these.")
EMPTY = N_("The file is empty. Choose the crest once more.")
TOO_LARGE = N_("The file has %(size)s kB; at most %(most)s can be read. Save it smaller.")
TOO_HEAVY_PNG = N_(
    "Packed, the crest has %(size)s kB; at most %(most)s fit on the page of a guest. Save it with"
    " fewer colours or smaller, 300 pixels for example, or as SVG."
)
TOO_HEAVY_SVG = N_(
    "Packed, the crest has %(size)s kB; at most %(most)s fit on the page of a guest. Save it with"
    " fewer points and decimals."
)
SHAPE = N_("The crest is too long or too narrow: one side can be at most six times the other.")

PNG_BROKEN = N_("The PNG file is damaged (%(where)s). Save it once more.")
PNG_WIDE = N_("The picture is larger than %(most)s pixels. Save it smaller.")
PNG_TAIL = N_("Something follows the end of the picture. Save it once more as a plain PNG.")

SVG_BROKEN = N_("The SVG file cannot be read (line %(line)s). Save it once more as plain SVG.")
SVG_DOCTYPE = N_(
    "The drawing defines entities in its DOCTYPE, which is not let in. Save it as plain SVG."
)
SVG_ROOT = N_("The file is XML, but no SVG drawing: it begins with “%(what)s”.")
SVG_NO_SIZE = N_("The drawing has no size. Save it with a view box (viewBox).")
SVG_ELEMENT = N_(
    "The drawing holds “%(what)s”, which is not let in: only shapes, colours and gradients are."
    " Take it out, or save it as plain SVG."
)
SVG_TEXT = N_("The drawing holds text (“%(what)s”). Turn it into paths: guests lack its typeface.")
SVG_PICTURE = N_("The drawing holds a picture (“image”). Only what is drawn can be taken.")
SVG_STYLE = N_(
    "The drawing holds a stylesheet (“style”). Save it with presentation attributes in its place."
)
SVG_OUTSIDE = N_("The drawing points outside itself (“%(what)s”). Take that out.")
SVG_VALUE = N_("The drawing has a value that cannot be read (“%(what)s”). Take it out.")
SVG_TANGLED = N_("The drawing repeats itself too often or too deep. Save it with fewer parts.")


@dataclass(frozen=True)
class Mistake:
    field: str
    text: str
    """In English, as it stands in the catalogues."""
    facts: Mapping[str, object]

    def __str__(self) -> str:
        return self.text % self.facts


class CrestRefusedError(Exception):
    """The file cannot be a crest."""

    def __init__(self, text: str, **facts: object) -> None:
        self.mistake = Mistake("crest", text, facts)
        super().__init__(str(self.mistake))


class BrandRefusedError(Exception):
    """Something of the brand cannot be; nothing of it is taken."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(map(str, mistakes)))
