"""Processes of ours that live briefly, each forked from one that has imported the product already.

Two hundred lives would otherwise be spent on importing. What runs in each is `couvert` with its
arguments and environment, a process of its own like any other.
"""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path

PATIENCE_SECONDS = 60.0
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["app.cli", "pytest", __name__])


class Life:
    """One life of `couvert ARGUMENTS`: begun at once, ended by a signal."""

    def __init__(self, arguments: list[str], environ: Mapping[str, str], output: Path) -> None:
        self.output = output
        self.output.write_bytes(b"")
        self.process = _forking.Process(
            target=_live, args=(arguments, dict(environ), output), daemon=True
        )
        self.process.start()

    def said(self, words: str) -> bool:
        return words in self.output.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        """Ask it to end, as `kill PID` does; return its exit status."""
        self.process.terminate()
        return self._ended()

    def _ended(self) -> int:
        self.process.join(PATIENCE_SECONDS)
        if self.process.exitcode is None:
            self.process.kill()
            raise TimeoutError(f"it did not end: {self.output.read_text(encoding='utf-8')}")
        return self.process.exitcode


def _live(arguments: list[str], environ: Mapping[str, str], output: Path) -> None:
    # Imported here: by then the forked process has it.
    from app.cli import main  # noqa: PLC0415

    os.environ.clear()
    os.environ.update(environ)
    with output.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    sys.argv = ["couvert", *arguments]
    main()
