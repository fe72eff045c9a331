"""`python -m sandbox` as an operator starts and stops it."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_says_so_and_stops_at_once(number: signal.Signals) -> None:
    command = [sys.executable, "-W", "error", "-m", "sandbox", "--port", "0", "--control-port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own program
        try:
            assert program.stdout
            public = program.stdout.readline().strip().removeprefix("sandbox: WorkOS API on ")
            control = program.stdout.readline().strip().removeprefix("sandbox: control on ")
            assert public.startswith("http://127.0.0.1:")
            with httpx.Client() as client:  # stays open: an idle connection must not delay the end
                assert client.get(f"{public}/sso/profile").status_code == 401
                client.post(f"{control}/faults", json={"route": "GET /x", "kind": "reset"})
                with pytest.raises(httpx.ReadError, match="reset"):  # an RST under uvloop, too
                    client.get(f"{public}/x")
                client.get(f"{control}/state")
                began = time.perf_counter()
                program.send_signal(number)
                _, errors = program.communicate(timeout=10)
            assert time.perf_counter() - began < 5
            assert (program.returncode, errors) == (0, "")
        finally:
            program.kill()


def test_says_where_its_webhooks_go() -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--control-port", "0"]
    hooks = ["--webhook-url", "http://127.0.0.1:9/hooks", "--webhook-secret", "whsec_mine"]
    with subprocess.Popen([*command, *hooks], cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:  # noqa: S603 - our own program
        try:
            assert program.stdout
            lines = [program.stdout.readline() for _ in range(3)]
            assert lines[2] == "sandbox: webhooks to http://127.0.0.1:9/hooks, secret whsec_mine\n"
            control = lines[1].strip().removeprefix("sandbox: control on ")
            (endpoint,) = httpx.get(f"{control}/state").json()["webhook_endpoints"]
            assert (endpoint["secret"], "dsync.deleted" in endpoint["events"]) == ("whsec_mine", True)
        finally:
            program.kill()


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        (["--webhook-secret", "whsec_mine"], 2, "--webhook-secret needs --webhook-url\n"),
        (["--webhook-url", "nowhere"], 1, "sandbox: The endpoint must be an http or https URL.\n"),
    ],
)
def test_webhook_options_that_cannot_be(options: list[str], status: int, reason: str) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--control-port", "0", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - our own program
    assert (done.returncode, done.stderr.endswith(reason)) == (status, True)


def test_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sandbox", "--port", port, "--control-port", "0"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - our own program
    assert done.returncode == 1
    assert done.stderr.startswith("sandbox: ")
    assert done.stderr.count("\n") == 1


def test_twin_and_product_do_not_import_each_other() -> None:
    twin = "".join(path.read_text() for path in (ROOT / "sandbox").glob("*.py"))
    product = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    for text, name in ((twin, "app"), (product, "sandbox")):
        assert f"\nfrom {name}" not in text
        assert f"\nimport {name}" not in text
