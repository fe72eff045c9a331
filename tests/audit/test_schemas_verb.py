"""`memberpulse-auth audit-schemas`: WorkOS is told of every event, as often as one likes; how far it came is said."""

from collections.abc import AsyncGenerator

import pytest

from app import chores
from app.audit.forwarded import ACTIONS
from app.bootstrap import assembled
from app.runtime import Runtime
from tests.audit.conftest import Forwarder
from tests.audit.test_forwarding import ended
from tests.builders import Tenant
from tests.gateway import Stage
from tests.test_cli import Command, command, migrated

__all__ = ["command", "migrated"]
SCHEMAS = "POST /audit_logs/actions/*"


@pytest.fixture
async def operator(forwarder: Forwarder) -> AsyncGenerator[Runtime]:
    """What the verb works with: the role of the API, as on an operator's machine."""
    async with assembled(forwarder.stage.config, forwarder.stage.database, clock=forwarder.stage.clock) as assembly:
        yield assembly.runtime


async def test_schemas_are_created_once_however_often_it_is_run(
    forwarder: Forwarder, operator: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert await chores.describe_events(operator) == 0
    said = capsys.readouterr().out
    assert f"{len(ACTIONS):>2}/{len(ACTIONS)}  user.role_changed\n" in said
    assert "AUDIT_FORWARDING=on" in said, "where it is off that is said"
    schemas = forwarder.stage.twin.world.audit_schemas
    assert {action: len(versions) for action, versions in schemas.items()} == dict.fromkeys(ACTIONS, 1)


async def test_what_was_refused_before_is_sent_at_once(
    forwarder: Forwarder, home: Tenant, operator: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    await ended(home, "a", "b")
    await forwarder.work_off()
    assert forwarder.log(home) == []
    waiting = await forwarder.stage.sql("select 1 from audit_refused where due_at > $1", forwarder.stage.clock.now())
    assert await chores.describe_events(operator) == 0
    assert f"{len(waiting)} events that it had refused are sent again." in capsys.readouterr().out
    await forwarder.work_off()
    assert sorted(forwarder.reasons(home)) == ["a", "b"]


@pytest.mark.parametrize(("status", "words"), [(503, "WorkOS does not answer"), (403, "WorkOS refused the gateway's")])
async def test_what_fails_says_how_far_it_came(
    forwarder: Forwarder, operator: Runtime, capsys: pytest.CaptureFixture[str], status: int, words: str
) -> None:
    forwarder.stage.twin.add_fault(SCHEMAS, "status", status=status, after=3)
    assert await chores.describe_events(operator) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"memberpulse-auth: {list(ACTIONS)[3]}: {words}")
    assert said.endswith(f"3 of {len(ACTIONS)} schemas are there. Mend it, then run it again.\n")
    forwarder.stage.twin.clear_faults()
    assert await chores.describe_events(operator) == 0


async def test_the_command_says_what_it_does(forwarding_stage: Stage, migrated: Command) -> None:
    twin = forwarding_stage.twin
    twin.world.audit_schemas.clear()
    workos = {
        "WORKOS_API_KEY": "sk_test_memberpulse_sandbox",
        "WORKOS_CLIENT_ID": "client_memberpulse_sandbox",
        "WORKOS_BASE_URL": twin.public_url,
        "AUDIT_FORWARDING": "on",
    }
    code, said, complained = await migrated.run("audit-schemas", **workos)
    assert (code, complained) == (0, ""), complained
    *lines, last = said.splitlines()
    assert [line.split()[1] for line in lines] == list(ACTIONS) == list(twin.world.audit_schemas)
    assert last == "WorkOS has every schema. 0 events that it had refused are sent again."


async def test_without_an_api_key_one_line_says_so(migrated: Command) -> None:
    code, said, complained = await migrated.run("audit-schemas")
    assert (code, said) == (1, "")
    assert "WORKOS_API_KEY" in complained or "API key" in complained, complained
    assert "Traceback" not in complained
