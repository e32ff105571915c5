"""`make faults`: the long crash runs, as a table; exits non-zero where a promise is broken.

FAULT_MAILS and FAULT_KILLS set the size of each case, FAULT_ONLY chooses some of them, FAULT_SEED
repeats the choice of the moments (not the moments: no two runs of processes are alike).
"""

import logging
import os
import random
import signal
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from app.db import migrate
from app.db.engine import make_engine
from tests.databases import PostgresServer
from tests.faults.crashes import Account, Case, cases, crash

MAILS = int(os.environ.get("FAULT_MAILS", "1000"))
KILLS = int(os.environ.get("FAULT_KILLS", "200"))
SEED = int(os.environ.get("FAULT_SEED", "0")) or random.randrange(1, 1_000_000)  # noqa: S311
ONLY = os.environ.get("FAULT_ONLY", "")
"""Part of the first two columns, like `sqlite worker`: only these cases."""
HEADS = (
    "database", "killed", "connections", "mails", "kills", "arrived", "lost", "stuck", "torn",
    "uncertain", "most at once", "twice in silence", "twice when asked", "seconds",
)  # fmt: skip


def main() -> int:
    logging.disable()  # the table says what matters; a worker in a thread would log every strike
    warnings.simplefilter("ignore", category=UserWarning)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended too
    print(f"{MAILS} mails, {KILLS} kills in each case; FAULT_SEED={SEED}")
    print(" | ".join(HEADS), flush=True)
    broken = []
    with TemporaryDirectory(prefix="couvert-faults-") as folder:
        postgres = PostgresServer(Path(folder) / "postgresql")
        try:
            for case in (*cases("sqlite"), *cases("postgresql")):
                if ONLY in f"{case.database} {case.victim} {case.connections}":
                    account = _run(case, Path(folder), postgres)
                    print(_row(account), flush=True)
                    broken += [f"{case}: {promise}" for promise in account.broken()]
        finally:
            postgres.stop()
    print("\n".join(f"BROKEN  {words}" for words in broken) or "Every promise held.")
    return bool(broken)


def _run(case: Case, folder: Path, postgres: PostgresServer) -> Account:
    own = folder / f"{case.database}-{case.victim}-{case.connections}".replace(" ", "-")
    own.mkdir()
    sizes = {"mails": MAILS, "kills": KILLS, "seed": SEED}
    if case.database == "postgresql":
        with postgres.fresh_database() as url:
            return crash(case, url, own, **sizes)
    url = f"sqlite:///{own / 'couvert.sqlite3'}"
    engine = make_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    return crash(case, url, own, **sizes)


def _row(account: Account) -> str:
    case = account.case
    cells = (
        f"{case.database:10}", f"{case.victim:10}", case.connections, account.mails, account.kills,
        account.arrived, account.lost, account.stuck, account.torn, account.uncertain,
        account.at_once, account.silent, account.asked, f"{account.seconds:.0f}",
    )  # fmt: skip
    return " | ".join(f"{cell!s:>{len(head)}}" for cell, head in zip(cells, HEADS, strict=True))


if __name__ == "__main__":
    sys.exit(main())
