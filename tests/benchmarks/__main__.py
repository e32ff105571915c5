"""Runs every benchmark and prints its figure beside what it is measured against."""

import sys
import tempfile
from pathlib import Path

from tests.benchmarks import amending, answering, building, idle_memory, pages, sending


def main() -> None:
    databases = sys.argv[1:]
    for measure in (
        sending.measure,
        pages.measure,
        answering.measure,
        amending.measure,
        idle_memory.measure,
        building.measure,
        building.measure_calendars,
    ):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), *databases)


main()
