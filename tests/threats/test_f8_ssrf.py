"""F8: an address that a customer wrote is read on the public internet only: what leads inside gets 422 and no hit."""

from collections.abc import Sequence

import pytest

from app.config import Config
from app.kit.outside import Outside
from tests.builders import Tenant
from tests.gateway import Stage
from tests.sso.test_configuration import faults, oidc_body


async def test_f8_what_leads_inside_is_refused_and_asked_nothing(
    tenant: Tenant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await tenant.signed_in()
    looked_up: list[str] = []

    async def inside(host: str, _port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(stage.assembly.runtime.outside, "_resolve", inside)
    port = stage.twin.public_url.rpartition(":")[2]
    for host in ("rebound.example", "localhost", "127.0.0.1", "[::1]", "169.254.169.254", f"localhost:{port}"):
        for body, name in (
            ({"metadata_url": f"https://{host}/m"}, "metadata_url"),
            (oidc_body(stage, discovery_url=f"https://{host}/.well-known/openid-configuration"), "discovery_url"),
        ):
            assert name in await faults(ada, tenant, body)
    assert set(looked_up) == {"rebound.example"}
    assert stage.twin.hits() == []


def test_f8_production_reads_nothing_of_its_own_machine() -> None:
    for environment, found in (("production", set[str]()), ("development", {"http://localhost:4100"})):
        config = Config(environment=environment, workos_base_url="http://localhost:4100/")  # type: ignore[arg-type]
        assert config.local_providers == found
    assert Config(environment="development").local_providers == frozenset()
    assert Outside().is_local("http://localhost:4100/") is False
