"""Idle memory of the one process: web, worker and mailbox with the sample event."""

import re
import time
from pathlib import Path

from tests.product import Product

SETTLED_SECONDS = 5
LIMIT_MB = 150


def measure(folder: Path, _database_url: str = "") -> None:
    with Product(folder / "instance") as product:
        product.run("events", "sample")
        serving = product.serve()
        time.sleep(SETTLED_SECONDS)
        status = Path(f"/proc/{serving.process.pid}/status").read_text(encoding="ascii")
        serving.stop()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    megabytes = int(found[1]) / 1000 if found else 0
    print(f"Idle memory of the one process: {megabytes:.0f} MB (limit {LIMIT_MB} MB)")
