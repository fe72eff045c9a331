"""The command as an operator types it: what goes wrong is one line with a remedy."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from app import cli, log
from app.db import migrate
from tests.databases import rows
from tests.gateway import KEYS
from tests.processes import ROOT, a_database, free_port

OTHER_KEYS = "k9:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@dataclass(slots=True)
class Command:
    """`memberpulse-auth` with an environment of its own, in a folder of its own."""

    environment: dict[str, str]
    folder: Path

    def start(self, *words: str, **changes: str) -> subprocess.Popen[str]:
        """Start a verb."""
        return subprocess.Popen(  # noqa: S603 -- our own program
            [sys.executable, "-m", "app.cli", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.environment, **changes},  # noqa: TID251 -- nothing else of this environment
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    async def run(self, *words: str, **changes: str) -> tuple[int, str, str]:
        """Run a verb to its end; return its code and what it said on stdout and stderr."""
        process = self.start(*words, **changes)
        said, complained = await asyncio.to_thread(process.communicate, timeout=30)
        return process.returncode, said, complained


@pytest.fixture
async def command(server_url: str, tmp_path: Path) -> AsyncGenerator[Command]:
    """The command over a database that is not migrated yet."""
    async with a_database(server_url, f"gw_cli_{os.getpid()}") as database:
        environment = {
            "ENVIRONMENT": "test", "DATABASE_URL": database, "ENCRYPTION_KEYS": KEYS, "DATA_DIR": str(tmp_path),
            "PORT": str(free_port()),
        }  # fmt: skip
        yield Command(environment, tmp_path)


@pytest.fixture
async def migrated(command: Command) -> Command:
    await migrate.upgrade(command.environment["DATABASE_URL"])
    return command


async def test_migrate_then_check_says_all_is_well(command: Command) -> None:
    code, said, _ = await command.run("check")
    assert (code, "FAIL migrations: The database is not prepared" in said) == (1, True), said
    assert await command.run("migrate") == (0, "The database is at head.\n", "")
    assert await command.run("check") == (0, "ok   database\nok   migrations\nok   encryption_keys\n", "")


DEAD = """
insert into outbox (id, organization_id, job, key, payload, status, failures, due_at, created_at, done_at, last_error)
select gen_random_uuid(), '00000000-0000-0000-0000-000000000000', job, '', '{}', 'dead', 12, now(), now(), now(), 'Why.'
from unnest(array['one.job', 'other.job']) as job
"""


async def test_what_was_given_up_is_listed_and_tried_again(migrated: Command) -> None:
    database = migrated.environment["DATABASE_URL"]
    assert await migrated.run("replay") == (0, "Nothing was given up.\n", "")
    await rows(database, DEAD)
    code, listed, _ = await migrated.run("replay", "--list")
    assert (code, listed.count("Why.")) == (0, 2), listed
    state = "select job, status, failures from outbox order by job"
    assert {row["status"] for row in await rows(database, state)} == {"dead"}
    code, said, _ = await migrated.run("replay", "--job", "one.job")
    assert said.splitlines()[-1] == "1 pieces of work are due again."
    one, other = await rows(database, state)
    assert (one["status"], one["failures"], other["status"]) == ("pending", 0, "dead")
    (told,) = await rows(database, "select metadata from audit_events where action = 'outbox.replayed'")
    assert json.loads(told["metadata"]) == {"jobs": 1}
    identifier = listed.split("  other.job")[0].splitlines()[-1]
    code, said, _ = await migrated.run("replay", "--id", identifier)
    assert (code, said.splitlines()[-1]) == (0, "1 pieces of work are due again."), said


async def test_before_the_database_is_migrated(command: Command) -> None:
    for code, _, complained in await asyncio.gather(command.run("admin-link", "--json"), command.run("keys", "rotate")):
        assert code == 1
        assert complained == "memberpulse-auth: The database is not migrated: run `memberpulse-auth migrate` first.\n"


async def test_while_the_database_is_away(command: Command) -> None:
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    for code, said, complained in await asyncio.gather(
        *(command.run(verb, **away) for verb in ("migrate", "admin-link"))
    ):
        assert (code, said) == (1, "")
        assert complained.startswith("memberpulse-auth: The database does not answer")
        assert complained.count("\n") == 1


async def test_a_database_that_is_not_there(command: Command) -> None:
    url = make_url(command.environment["DATABASE_URL"]).set(database="gw_there_is_none")
    code, _, complained = await command.run("migrate", DATABASE_URL=url.render_as_string(hide_password=False))
    assert code == 1
    assert complained.startswith("memberpulse-auth: The database refused the connection")


async def test_an_admin_link_is_one_line_and_its_token_works_once(migrated: Command) -> None:
    code, said, _ = await migrated.run("admin-link", "--json")
    link = json.loads(said)
    assert (code, set(link), said.count("\n")) == (0, {"url", "token", "expires_at"}, 1)
    assert link["url"] == f"http://localhost:{migrated.environment['PORT']}/auth/break-glass?token={link['token']}"
    (row,) = await rows(migrated.environment["DATABASE_URL"], "select count(*) as n from break_glass_tokens")
    assert row["n"] == 1


async def test_keys_are_listed_rotated_retired_and_sealed_anew(migrated: Command) -> None:
    _, listed, _ = await migrated.run("keys", "list")
    assert [line.split()[1:3] for line in listed.splitlines()] == [["ES256", "active"], ["ES256", "next"]]
    code, said, _ = await migrated.run("keys", "rotate", "--alg", "RS256")
    assert (code, said.splitlines()[0]) == (0, "publish (new) RS256")
    kid = listed.split()[0]
    code, said, _ = await migrated.run("keys", "retire", "--kid", kid)
    assert (code, f"{kid}  ES256  compromised" in said) == (0, True)
    code, said, _ = await migrated.run("keys", "reseal", ENCRYPTION_KEYS=f"{OTHER_KEYS},{KEYS}")
    assert (code, said.splitlines()[0]) == (0, "4 of signing_keys.private_sealed sealed anew.")


async def test_a_key_id_may_begin_with_a_dash(migrated: Command) -> None:
    """One thumbprint in 64 does (base64url, RFC 7638), and an emergency is no time for argparse's view of it."""
    there_is_none = (1, "", "memberpulse-auth: there is no such key (see `keys list`).\n")
    for kid in ("-Xh7", "--Xh7", "Xh7"):
        assert await migrated.run("keys", "retire", "--kid", kid) == there_is_none
    assert (await migrated.run("keys", "retire", "--kid=-Xh7")) == there_is_none
    code, _, complained = await migrated.run("keys", "retire", "--kid")
    assert (code, "expected one argument" in complained) == (2, True)


async def test_the_twin_reads_its_own_options(command: Command) -> None:
    code, said, _ = await command.run("sandbox", "--help")
    assert (code, "--control-port" in said) == (0, True)
    code, _, complained = await command.run("sandbox", "--port", "nowhere")
    assert (code, "invalid int value: 'nowhere'" in complained) == (2, True)


async def test_serve_says_soon_why_it_cannot_start(migrated: Command) -> None:
    assert (await migrated.run("check"))[0] == 0
    began = time.monotonic()
    serving = [migrated.run("serve", "--workers", workers, ENCRYPTION_KEYS=OTHER_KEYS) for workers in ("1", "2")]
    for code, said, complained in await asyncio.gather(*serving):
        assert code != 0
        assert complained.startswith("memberpulse-auth: ENCRYPTION_KEYS are not the ones")
        assert "Traceback" not in said + complained
    assert time.monotonic() - began < 15  # 5 s on a machine of one's own


async def test_serve_and_worker_end_by_sigterm_with_nothing_left_to_say(migrated: Command) -> None:
    serving, working = migrated.start("serve"), migrated.start("worker", "--concurrency", "2")
    url = f"http://localhost:{migrated.environment['PORT']}/readyz"
    async with httpx.AsyncClient() as client, asyncio.timeout(20):
        while True:
            try:
                if (await client.get(url)).status_code == 200:
                    break
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    done = (
        "select count(*) as n from periodic_jobs where last_run_at > now() - interval '1 minute' and last_error is null"
    )
    async with asyncio.timeout(10):
        while (await rows(migrated.environment["DATABASE_URL"], done))[0]["n"] < 3:
            await asyncio.sleep(0.1)
    for process in (serving, working):
        process.send_signal(signal.SIGTERM)
        said, complained = await asyncio.to_thread(process.communicate, timeout=20)
        assert (process.returncode, complained) == (0, ""), said
        assert "Traceback" not in said
    assert "worker.stopped" in said


def leave_alone(*_: object) -> None:
    """Stand for `signal.signal`: the handlers of the tests' own process stay."""


@pytest.mark.parametrize("words", [(), ("nothing",), ("keys", "eat"), ("serve", "--port", "x"), ("keys", "retire")])
def test_words_that_are_none(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["memberpulse-auth", *words])
    monkeypatch.setattr(signal, "signal", leave_alone)
    monkeypatch.setattr(log, "set_up", leave_alone)
    monkeypatch.setenv("ENVIRONMENT", "test")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2


def test_every_verb_is_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["memberpulse-auth", "--help"])
    monkeypatch.setattr(signal, "signal", leave_alone)
    with pytest.raises(SystemExit):
        cli.main()
    verbs = {"serve", "worker", "migrate", "dev", "sandbox", "admin-link", "keys", "openapi", "check"}
    assert verbs <= set(capsys.readouterr().out.split())
