"""Servers: start one program on one core, wait until it answers, end it by its own id."""

import http.client
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bench.machine import free_port
from bench.targets import Command, environment

ROOT = Path(__file__).parents[1]
_PATIENCE_S = 30


class DidNotStart(Exception):  # noqa: N818 -- named for what happened
    """A target ended or stayed silent; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Program:
    """One running process; a context manager that ends it."""

    def __init__(self, command: Command, cpu: str) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in __exit__
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            ["taskset", "-c", cpu, *command.arguments],
            cwd=ROOT,
            env=environment(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def pid(self) -> int:
        """The process; taskset has become the target by exec."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    @property
    def ended(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def said(self) -> str:
        """Return the end of its log."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-3000:]


class Server(Program):
    """A program that answers HTTP on 127.0.0.1."""

    def __init__(self, command: Command, port: int, cpu: str) -> None:
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        super().__init__(command, cpu)

    def wait_until_ready(self, path: str = "/readyz", status: int = 200) -> float:
        """Return the seconds from its start until `path` answered `status`; raises DidNotStart."""
        while time.monotonic() - self.started_at < _PATIENCE_S:
            if self.ended is not None:
                break
            try:
                if self.ask("GET", path).status == status:
                    return time.monotonic() - self.started_at
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.005)
        raise DidNotStart(f"{' '.join(self._process.args[3:6])} did not answer:\n{self.said()}")  # type: ignore[index]

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: str = "") -> Answer:
        """Ask once, on a connection of its own; redirects are not followed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body or None, headers or {})
            response = connection.getresponse()
            told: dict[str, str] = {}
            for name, value in response.getheaders():
                key = name.lower()
                told[key] = f"{told[key]}, {value}" if key in told else value
            return Answer(response.status, told, response.read())
        finally:
            connection.close()


@contextmanager
def twin(cpu: str) -> Generator[int]:
    """Serve `bench/twin.py` and yield its port."""
    port = free_port()
    with Server(Command([sys.executable, "-m", "bench.twin", str(port)]), port, cpu) as server:
        server.wait_until_ready("/", status=404)  # it knows one path only
        yield port


@contextmanager
def upstream(cpu: str) -> Generator[int]:
    """Serve `bench/upstream.py` and yield its port."""
    port = free_port()
    with Server(Command([sys.executable, "-m", "bench.upstream", str(port)]), port, cpu) as server:
        server.wait_until_ready("/events")
        yield port
