"""Each mail of the cases is made once for all tests that look at it."""

from collections.abc import Iterator

import pytest

from tests.mails.press import Press, opened_press


@pytest.fixture(scope="session")
def press() -> Iterator[Press]:
    with opened_press() as opened:
        yield opened
