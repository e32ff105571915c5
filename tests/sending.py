"""A worker told to send what is due, without its loop."""

import time

from app.worker.loop import Worker

PATIENCE_SECONDS = 30.0


def send_due(worker: Worker) -> None:
    """Send until nothing more is due, and say goodbye to the server."""
    ends = time.monotonic() + PATIENCE_SECONDS
    with worker.app.app_context():
        while worker.send_due() or not worker.post.idle:
            worker.post.collect(0.2 if worker.post.in_hand else 0)
            if time.monotonic() > ends:
                raise TimeoutError(f"still in hand: {worker.post.in_hand}")
    worker.post.connections.close()
