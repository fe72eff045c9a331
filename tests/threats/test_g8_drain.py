"""G8: on SIGTERM what is in flight is finished, new connections are refused, and the process leaves with 0."""

import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest

from app.http.serving import STOP_LIMIT_S
from sandbox.server import Sandbox
from tests.gateway import SERVICE
from tests.http.stage import free_port, talk
from tests.processes import served

ROOT = Path(__file__).resolve().parents[2]
# The `finally` stands for what a command leaves when it ends: the embedded server, above all.
PROGRAM = """
import sys
from app.http.protocol import Limits
from app.http.serving import serve, uvicorn_config
port, workers = map(int, sys.argv[1:])
limits = Limits(receive_deadline_s=2)
try:
    code = serve(uvicorn_config("tests.http.stage:app", host="127.0.0.1", port=port, workers=workers, limits=limits))
finally:
    print("left", flush=True)
sys.exit(code)
"""
SLOW = b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n"
QUICK = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"

Process = subprocess.Popen[str]


@contextlib.contextmanager
def running(port: int, workers: int) -> Generator[Process]:
    command = [sys.executable, "-c", PROGRAM, str(port), str(workers)]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()  # not kill: workers would be left behind
        process.communicate(timeout=STOP_LIMIT_S + 5)


async def serves(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError):
            assert (await talk(port, QUICK)).startswith(b"HTTP/1.1 200 ")
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("workers", [1, 2])
async def test_g8_requests_in_flight_survive_sigterm(workers: int) -> None:
    port = free_port()
    with running(port, workers) as process:
        await serves(port)
        requests = [asyncio.create_task(talk(port, SLOW)) for _ in range(20)]
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        await asyncio.sleep(1)
        with pytest.raises(ConnectionRefusedError):
            await talk(port, QUICK)
        answers = await asyncio.gather(*requests)
        said, complaints = await asyncio.to_thread(process.communicate, timeout=STOP_LIMIT_S)
        assert [answer.endswith(b"\r\n\r\nslow") for answer in answers] == [True] * 20
        assert said == "left\n"
        assert not complaints
        assert process.returncode == 0
        assert time.monotonic() - begun < STOP_LIMIT_S


def serving(process: Process, workers: int) -> list[int]:
    """Return the ids of the processes that serve."""
    if workers == 1:
        return [process.pid]
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
    return [pid for pid, command in commands.items() if b"spawn_main" in command]  # the other one tracks resources


@pytest.mark.parametrize("workers", [1, 2])
async def test_g8_what_came_before_the_signal_is_answered_by_a_process_that_had_no_turn(workers: int) -> None:
    port = free_port()
    with running(port, workers) as process:
        await serves(port)
        kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(10)]
        for reader, writer in kept:
            writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 ")
        pids = serving(process, workers)
        assert len(pids) == workers
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        for _, writer in kept:
            writer.write(b"GET /pause HTTP/1.1\r\nhost: a\r\n\r\n")
        new = [asyncio.create_task(talk(port, QUICK.replace(b"/", b"/pause", 1))) for _ in range(10)]
        await asyncio.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)  # a supervisor passes it on
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        answers = [await reader.read() for reader, _ in kept] + await asyncio.gather(*new)
        for _, writer in kept:
            writer.close()
        assert [answer.endswith(b"pause") for answer in answers] == [True] * 20
        await asyncio.to_thread(process.communicate, timeout=STOP_LIMIT_S)
        assert process.returncode == 0


async def test_g8_a_client_that_never_finishes_does_not_hold_the_process() -> None:
    port = free_port()
    with running(port, 1) as process:
        await serves(port)
        half = asyncio.create_task(talk(port, b"POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf"))
        idle = asyncio.create_task(talk(port, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
        await asyncio.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        await asyncio.to_thread(process.communicate, timeout=STOP_LIMIT_S)
        assert process.returncode == 0
        assert time.monotonic() - begun < STOP_LIMIT_S
        await asyncio.gather(half, idle)


@pytest.mark.parametrize("workers", [1, 2])
async def test_g8_an_address_that_is_taken_is_a_failure(workers: int) -> None:
    port = free_port()
    with running(port, 1) as first:
        await serves(port)
        with running(port, workers) as second:
            await asyncio.to_thread(second.wait, timeout=15)
            assert second.returncode != 0
        assert first.poll() is None


async def test_g8_a_long_poll_is_answered_and_holds_nobody_up(server_url: str, tmp_path: Path) -> None:
    digest = hashlib.sha256(SERVICE[1].encode()).hexdigest()
    reader = {"SERVICE_CLIENTS": f"{SERVICE[0]}:{digest}:revocations:read"}
    twin = Sandbox.from_seed()
    async with (
        twin.running(),
        served(server_url, twin, tmp_path, **reader) as gateway,
        httpx.AsyncClient(timeout=30) as http,
    ):
        waiting = asyncio.create_task(http.get(f"{gateway.url}/auth/revocations", params={"wait": 25}, auth=SERVICE))
        await asyncio.sleep(1)
        assert not waiting.done()
        begun = time.monotonic()
        gateway.process.send_signal(signal.SIGTERM)
        answer = await waiting
        assert (answer.status_code, answer.json()["data"]) == (200, [])
        assert await asyncio.to_thread(gateway.process.wait, STOP_LIMIT_S) == 0
        assert time.monotonic() - begun < 5
