"""A gateway whose settings may be changed: a database and a twin of its own, emptied of settings for each test."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sandbox.server import Sandbox
from tests.gateway import Browser, Stage
from tests.sessions.stages import own_stage

PATH = "/api/settings/workos"
OLD_KEY = "sk_test_memberpulse_sandbox"
NEW_KEY = "sk_test_the_key_that_replaces_it"
CLIENT = "client_memberpulse_sandbox"
CALLBACK = "http://localhost:8000/auth/callback/workos"


@dataclass(slots=True)
class Bench:
    """The gateway, and a platform administrator."""

    stage: Stage
    admin: Browser

    @property
    def twin(self) -> Sandbox:
        return self.stage.twin

    async def read(self) -> dict[str, Any]:
        """Return the settings as they are shown."""
        answer = await self.admin.api("GET", PATH)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def patch(self, headers: dict[str, str] | None = None, /, **body: Any) -> httpx.Response:  # noqa: ANN401 -- JSON
        """PATCH the settings."""
        return await self.admin.api("PATCH", PATH, json=body, headers=headers or {})

    async def rotate(self, secret: str, step: str, value: str | None = None) -> httpx.Response:
        """Take a step of a rotation."""
        body = {"secret": secret, "step": step} | ({"value": value} if value else {})
        return await self.admin.api("POST", f"{PATH}/rotate", json=body)

    async def verify(self, **body: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 -- JSON
        """Return the checks by name."""
        answer = await self.admin.api("POST", f"{PATH}/verify", **({"json": body} if body else {}))
        assert answer.status_code == 200, answer.text
        return {check["name"]: check for check in answer.json()["checks"]}

    async def audited(self) -> list[str]:
        """Return what the audit record says of the settings, oldest first."""
        rows = await self.stage.sql("select action from audit_events where action like 'settings.%' order by id")
        return [row["action"] for row in rows]

    def keys_seen(self) -> set[str]:
        """Return the API keys that the twin was asked with."""
        bearers = {hit.headers.get("authorization", "").removeprefix("Bearer ") for hit in self.twin.hits()}
        secrets = {hit.form.get("client_secret", "") for hit in self.twin.hits(path="/sso/token")}
        return (bearers | secrets) - {""}


@pytest.fixture(scope="session")
async def running_bench(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    """One such gateway for all tests that change settings."""
    twin = Sandbox.from_seed()
    async with twin.running(), own_stage(server_url, twin, tmp_path_factory.mktemp("settings")) as stage:
        yield stage


@pytest.fixture
async def bench(running_bench: Stage) -> AsyncGenerator[Bench]:
    """The gateway with nothing but its environment's settings, and a twin that knows the old API key alone."""
    stage, credentials = running_bench, running_bench.twin.world.credentials
    redirects = list(credentials.redirect_uris)
    credentials.api_keys[:] = [OLD_KEY]
    stage.twin.clear_faults()
    yield Bench(stage, await _fresh(stage))
    credentials.redirect_uris[:], credentials.client_id = redirects, CLIENT
    stage.twin.world.endpoints.clear()


async def _fresh(stage: Stage) -> Browser:
    await stage.forget_settings()
    await stage.sql("truncate audit_events")
    admin = await stage.platform_admin()
    stage.twin.clear_hits()
    return admin
