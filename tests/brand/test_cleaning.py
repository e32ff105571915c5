"""A crest is small enough for a guest's page, whatever the file was."""

import gzip
import random

import pytest

from app.brand.cleaning import HEAVIEST, clean_crest, data_uri
from app.brand.models import CrestType
from app.brand.refusals import CrestRefusedError
from tests.brand.samples import CROWN, png, svg


def scribble(points: int) -> bytes:
    chance = random.Random(1)  # noqa: S311 - any numbers
    path = " ".join(
        f"L{chance.random() * 40:.3f} {chance.random() * 32:.3f}" for _ in range(points)
    )
    return svg(f'<path d="M0 0 {path}"/>')


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0 a photograph", "neither SVG nor PNG"),
        (b"GIF89a", "neither SVG nor PNG"),
        (CROWN.encode() + b" " * 200_000, "at most 200 can be read"),
        (png(width=90, height=90, noisy=1), "fewer colours or smaller"),
        (scribble(2500), "fewer points"),
        (svg("<rect/>", root='viewBox="0 0 70 10"'), "at most six times"),
        (svg("<rect/>", root='viewBox="0 0 10 70"'), "at most six times"),
    ],
)
def test_a_file_that_cannot_be_a_crest_is_refused_with_the_mend(content, words):
    with pytest.raises(CrestRefusedError, match=words):
        clean_crest(content)


@pytest.mark.parametrize("content", [png(width=53, height=53, noisy=1), scribble(1300)])
def test_the_heaviest_crest_fits_on_the_page(content):
    crest = clean_crest(content)
    weight = len(gzip.compress(data_uri(crest.type, crest.content).encode()))
    assert HEAVIEST * 0.7 < weight <= HEAVIEST


def test_the_address_of_a_crest_stays_inside_its_quotes():
    crest = clean_crest(CROWN.encode())
    address = data_uri(crest.type, crest.content)
    assert address.startswith("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' ")
    assert not set(address) & set('"\\<>#\n')


def test_a_crest_knows_its_kind_and_shape():
    drawn, painted = clean_crest(CROWN.encode()), clean_crest(png(width=20, height=40))
    assert (drawn.type, drawn.ratio) == (CrestType.SVG, 1.25)
    assert (painted.type, painted.ratio) == (CrestType.PNG, 0.5)
