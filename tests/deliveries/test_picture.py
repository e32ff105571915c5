"""The picture in docs/sending.md is the table that moves deliveries."""

import re
from pathlib import Path

from app.deliveries.models import DeliveryState
from app.deliveries.moves import TRANSITIONS

PAGE = Path(__file__).parents[2] / "docs" / "sending.md"
ARROW = re.compile(r"^\s+(\w+) --> (\w+):", re.MULTILINE)


def test_the_picture_shows_every_move_and_no_other():
    drawn = {(source, target) for source, target in ARROW.findall(PAGE.read_text("utf-8"))}
    assert drawn == {
        (str(source), str(target)) for source, targets in TRANSITIONS.items() for target in targets
    }


def test_every_state_has_its_moves():
    assert set(TRANSITIONS) == set(DeliveryState)
