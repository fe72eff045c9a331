"""The machine: who gets which core, what a process has used, free ports."""

import fcntl
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cores() -> tuple[str, str]:
    """Return (the server's core, everybody else's) as taskset lists them; equal on a machine with one core."""
    ours = sorted(os.sched_getaffinity(0))
    return str(ours[0]), ",".join(map(str, ours[1:] or ours))


def keep_to(cpus: str) -> None:
    """Move this process, and what it starts from now on, to these cores."""
    os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})


def cpu_seconds(pid: int) -> float:
    """Return the CPU time (user and system) that `pid` and its living descendants have used."""
    return sum(_own_cpu(one) for one in _family(pid))


def _own_cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    # Fields 14 and 15 of proc(5); the two before the closing parenthesis are gone.
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _family(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []
    return [pid, *(one for child in children for one in _family(child))]


class AlreadyRunning(Exception):  # noqa: N818 -- named for what happened
    """Another bench uses the same databases and the same cores."""


@contextmanager
def alone(folder: Path) -> Generator[None]:
    """Hold this machine's one place for a bench; the kernel gives it back however we end."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "bench.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning("another bench is running here: two would drop each other's databases") from None
        yield


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def forget_peak(pid: int) -> None:
    """Begin to count the most memory that `pid` and its descendants hold from now on."""
    for one in _family(pid):
        Path(f"/proc/{one}/clear_refs").write_text("5")


def peak_mb(pid: int) -> float:
    """Return the most resident memory that `pid` and its living descendants have held, in MB, since `forget_peak`."""
    return sum(_own_peak(one) for one in _family(pid))


def _own_peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
