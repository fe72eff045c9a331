"""Programs: the gateway's own verbs, each in a process of its own, ended by its own id and no other."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PATIENCE_S = 20.0


def end_tidily() -> None:
    """Take SIGTERM as Ctrl-C: what was started is ended, and no server stays behind."""
    # A shell's background job ignores Ctrl-C from the start, and would take SIGTERM for nothing.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))


class DidNotRun(Exception):  # noqa: N818 -- named for what happened
    """A program ended, or did not do what it should; the message holds the end of its log."""


class Program:
    """One verb of the gateway's command; it can be killed and started anew any number of times."""

    def __init__(
        self, verb: Sequence[str], settings: Mapping[str, str], log: Path, *, skew: float = 0, root: Path = ROOT
    ) -> None:
        """Take its verb, environment and log; `root` is where the release is that it runs."""
        self._verb = verb
        self._settings = settings
        self._log = log
        self._skew = skew
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id. Raises AssertionError for one that was never started."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it with its own settings and nothing else of our environment."""
        module = ("bench.faults.skewed", str(self._skew)) if self._skew else ("app.cli",)
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *module, *self._verb],
                cwd=self._root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], **self._settings},
            )

    async def kill(self) -> None:
        """`kill -9`, and wait until the kernel has taken it away."""
        if self._process is not None and self.running:
            self._process.kill()
            await asyncio.to_thread(self._process.wait, _PATIENCE_S)

    async def end(self) -> int:
        """SIGTERM, and `kill -9` for one that does not obey; return its exit status, negative for a signal."""
        if self._process is None:
            return 0
        if self.running:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, _PATIENCE_S)
            except subprocess.TimeoutExpired:
                await self.kill()
        return int(self._process.returncode)

    async def done(self) -> str:
        """Wait until a verb that ends by itself has done so; return what it said. Raises DidNotRun."""
        assert self._process is not None
        status = await asyncio.to_thread(self._process.wait, 3 * _PATIENCE_S)
        if status:
            raise DidNotRun(f"{' '.join(self._verb)} failed:\n{self.said()}")
        return self.said()

    def said(self) -> str:
        """Return the end of its log."""
        return self._log.read_text(errors="replace")[-3000:]
