"""The words an event file may use."""

from app.decisions.models import Matter
from app.event_files.entries import KINDS, MATTERS
from app.programme.models import ItemKind


def test_kinds_and_matters_are_those_of_the_features_that_own_them():
    assert list(KINDS) == [kind.value for kind in ItemKind]
    assert list(MATTERS) == [matter.value for matter in Matter]
