"""wrk: run the load generator once, read what it says."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.workload import Request, Workload

_SCRIPTS = Path(__file__).parent / "load"
_MISSING = (
    "The bench needs wrk as its load generator, and it is not here. On Debian and Ubuntu: apt-get install wrk; "
    "on macOS: brew install wrk."
)
_TROUBLE = ("wrong", "status_errors", "connect_errors", "read_errors", "write_errors", "timeouts")


class NoLoadGenerator(Exception):  # noqa: N818 -- named for what happened
    """wrk is not installed; the message says how to install it."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw. `units` is what the workload counts; latencies are of single requests."""

    units: int
    seconds: float
    p50_ms: float
    p99_ms: float
    trouble: dict[str, int]

    @property
    def rate(self) -> float:
        """Units per second."""
        return self.units / self.seconds if self.seconds else 0.0


def require_wrk() -> None:
    """Raise NoLoadGenerator unless wrk is installed."""
    if shutil.which("wrk") is None:
        raise NoLoadGenerator(_MISSING)


def run(workload: Workload, requests: Sequence[Request], origin: str, *, connections: int, seconds: float) -> Load:
    """Load `origin` for `seconds` over so many connections; raises CalledProcessError when wrk itself fails."""
    with tempfile.NamedTemporaryFile("w") as asked:
        asked.write(raw(requests, origin) if workload.once else lua(requests))
        asked.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "5s"]
        command += ["-s", str(_SCRIPTS / workload.script), origin, "--", asked.name]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 30)
    return _read(done.stdout)


def _read(said: str) -> Load:
    line = next(line for line in said.splitlines() if line.startswith("BENCH "))
    told = json.loads(line.removeprefix("BENCH "))
    return Load(
        units=told["units"] or told["requests"] - told["status_errors"],
        seconds=told["seconds"],
        p50_ms=told["p50_ms"],
        p99_ms=told["p99_ms"],
        trouble={name: told[name] for name in _TROUBLE if told[name]},
    )


def raw(requests: Sequence[Request], origin: str) -> str:
    """Return whole HTTP/1.1 requests, each after its length in eight digits; ASCII, so characters are bytes."""
    host = origin.removeprefix("http://")
    return "".join(f"{len(text):08}{text}" for text in (_whole(request, host) for request in requests))


def _whole(request: Request, host: str) -> str:
    headers = {"Host": host, "Content-Length": str(len(request.body)), **request.headers}
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    whole = "\r\n".join([*lines, "", request.body])
    if not whole.isascii():
        raise ValueError("a request of the load is ASCII")
    return whole


def lua(requests: Sequence[Request]) -> str:
    """Return the requests as a Lua table; JSON's string is Lua's, but for the escapes that requests never hold."""
    return "return {\n" + ",\n".join(map(_one, requests)) + "\n}\n"


def _one(request: Request) -> str:
    headers = ", ".join(f"[{_text(name)}] = {_text(value)}" for name, value in request.headers.items())
    body = f", body = {_text(request.body)}" if request.body else ""
    return f"{{ method = {_text(request.method)}, path = {_text(request.path)}, headers = {{ {headers} }}{body} }}"


def _text(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError("a request of the load is printable ASCII")
    return json.dumps(value)
