"""What Jinja makes of a template, kept: each test has an application of its own, all have the same.

To compile the pages costs more than all else a test of a page does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

import pytest
from jinja2 import Environment

from app.language import current_language


@contextmanager
def compiled_once() -> Iterator[None]:
    """Compile each template once in this process for all environments that are set up alike."""
    compile_anew = Environment.compile
    known: dict[object, CodeType] = {}

    def compile_(
        self: Environment,
        source: str,
        name: str | None = None,
        filename: str | None = None,
        **facts: bool,
    ) -> CodeType:
        key = (source, name, filename, *facts.items(), *_setting(self))
        if key not in known:
            known[key] = compile_anew(self, source, name, filename, **facts)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_)
        yield


def _setting(environment: Environment) -> Iterator[object]:
    """Give what the code depends on beside the source."""
    yield type(environment)
    yield from environment.extensions
    yield environment.policies["ext.i18n.trimmed"]
    for name in ("trim_blocks", "lstrip_blocks", "undefined", "finalize", "newstyle_gettext"):
        yield getattr(environment, name, None)
    yield current_language()  # a filter of a constant is done when it is compiled
