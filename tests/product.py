"""The product as its users start it: real processes, a folder and a port of their own."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

COUVERT = Path(sys.executable).with_name("couvert")
PATIENCE_SECONDS = 60.0
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR")


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def wait_until(happened: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    ends = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > ends:
            raise TimeoutError(f"{what} did not happen in {seconds:.0f} s")
        time.sleep(0.05)


class Running:
    """A process of ours, its output kept; ended by its own id."""

    def __init__(self, arguments: list[str], environ: dict[str, str]) -> None:
        self.output = ""
        self.process = subprocess.Popen(
            [str(COUVERT), *arguments],
            env={**environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.output += line

    def kill(self) -> None:
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        """Ask it to end, as `kill PID` does; return its exit status."""
        self.process.terminate()
        return self._ended()

    def _ended(self) -> int:
        status = self.process.wait(PATIENCE_SECONDS)
        self.reader.join(PATIENCE_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()
        return status


class Product:
    """An installation in a folder: run commands on it, start and end its processes."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self.environ |= {"INSTANCE_PATH": str(folder), "PORT": str(self.port), **settings}
        self.running: list[Running] = []

    def __enter__(self) -> Self:
        self.run("db", "upgrade")
        return self

    def __exit__(self, *_details: object) -> None:
        for running in self.running:
            if running.process.poll() is None:
                running.kill()

    def run(self, *arguments: str) -> str:
        """Run a command to its end and return what it printed; raise if it failed."""
        done = self.attempt(*arguments)
        if done.returncode:
            raise RuntimeError(f"couvert {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def attempt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(COUVERT), *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def read(self, *arguments: str) -> object:
        """Run a command with --json and return what it said."""
        return json.loads(self.run(*arguments, "--json"))

    def start(self, *arguments: str) -> Running:
        running = Running(list(arguments), self.environ)
        self.running.append(running)
        return running

    def serve(self) -> Running:
        """Start the one process and wait until it answers."""
        serving = self.start("serve")
        wait_until(lambda: "Couvert runs at" in serving.output, f"start: {serving.output}")
        wait_until(self._answers, "answering")
        return serving

    def _answers(self) -> bool:
        with socket.socket() as opened:
            return opened.connect_ex(("127.0.0.1", self.port)) == 0


def find_links(text: str, kind: str) -> list[str]:
    """Return every link of that kind (`rsvp`, `sign-in`) in a text."""
    return re.findall(rf"https?://[^\s\"'<>]+/{kind}/[^\s\"'<>]+", text)
