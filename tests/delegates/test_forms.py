"""Refusals of a delegate, in the reader's words."""

import pytest

from app.delegates.forms import DelegateFields, refused
from app.delegates.services import DelegateProblem, DelegateRefusedError
from app.language import using

TYPED = DelegateFields("Anna Berg", "anna@example.org")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "3 persons may answer at most: revoke one first."),
        ("sv", "Högst 3 personer får svara: återkalla en av dem först."),
    ],
)
def test_a_refusal_is_told_in_the_readers_language(app, language, words):
    with app.test_request_context(), using(language):
        assert refused(DelegateRefusedError(DelegateProblem.TOO_MANY), TYPED).text == words
