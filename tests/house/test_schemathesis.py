# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""schemathesis over the OpenAPI document: whatever may be sent, valid or not, is answered as the document says."""

import asyncio
import base64
import contextlib
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from app.access.permissions import ROUTES
from app.bootstrap import Assembly, assembled
from app.config import Config
from app.main import create_app
from tests.builders import Tenant
from tests.gateway import SERVICE, Stage
from tests.http.stage import serving

EXAMPLES = 10
SEED = 20261123
# What the document says of an answer. Left out: `positive_data_acceptance`, because no schema can say "exactly one of
# four parameters" or "a state that was not used before"; and the check for any 5xx, because 502 and 503 are documented.
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
]
DOCUMENT = create_app(Config(environment="test")).openapi()
# 431 is the server's own: a head that is too large reaches nobody who could say what else was wrong with it.
_REJECTED = [400, 401, 403, 404, 405, 406, 409, 415, 422, 429, 431, "5xx"]
_CONFIG = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": _REJECTED}}})
OPERATIONS: dict[str, Any] = {
    operation.definition.raw["operationId"]: operation
    for operation in (
        found.ok() for found in schemathesis.openapi.from_dict(DOCUMENT, config=_CONFIG).get_all_operations()
    )
}
VALID, INVALID = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
_TAKES_NOTHING = {"readKeys", "readMetadata", "readLiveness", "readReadiness"}  # so nothing invalid can be sent
# Of one optional filter what is invalid is mostly a parameter that nobody knows, and such are ignored.
_TAKES_LITTLE = {"readIntegrationStatus", "verifyAuditRecord"}
_SURE = _TAKES_NOTHING | _TAKES_LITTLE
CASES = [(name, VALID) for name in OPERATIONS] + [(name, INVALID) for name in OPERATIONS if name not in _SURE]


@dataclass(slots=True)
class Target:
    """A gateway on a socket, in a thread of its own: schemathesis is not asynchronous."""

    stage: Stage
    tenant: Tenant
    url: str

    async def token(self) -> str:
        """Return a platform administrator's token of a session of its own: some operations end sessions."""
        return await (await self.stage.platform_admin()).access_token()

    def send(self, case: Case, headers: dict[str, str]) -> schemathesis.Response:
        """Send a case; half of those that name something name something that exists."""
        known = {"organization_id": str(self.tenant.id), "connection_id": self.tenant.connection_workos_id}
        for name in case.path_parameters or {}:
            if name in known and len(repr(case)) % 2:
                case.path_parameters[name] = known[name]
        own = {"Host": "localhost:8000", "Origin": "http://localhost:8000"}
        return case.call(base_url=self.url, headers=own | headers, allow_redirects=False)


@pytest.fixture(scope="module")
async def gateway(running_stage: Stage) -> AsyncGenerator[tuple[Stage, str]]:
    @contextlib.asynccontextmanager
    async def assemble(config: Config) -> AsyncGenerator[Assembly]:
        async with assembled(config, running_stage.database, clock=running_stage.clock) as assembly:
            yield assembly

    with _served(create_app(running_stage.config, assemble=assemble)) as url:
        yield running_stage, url
    await running_stage.forget_settings()


@contextlib.contextmanager
def _served(app: Any) -> Generator[str]:  # noqa: ANN401 -- an ASGI application
    with serving(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def target(gateway: tuple[Stage, str], tenant: Tenant) -> Target:
    return Target(gateway[0], tenant, gateway[1])


def _explore(operation: str, mode: GenerationMode, target: Target, headers: dict[str, str]) -> list[int]:
    """Send examples of one operation; return the statuses. Raises what a check found."""
    statuses: list[int] = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=OPERATIONS[operation].as_strategy(generation_mode=mode))
    def examples(case: Case) -> None:
        answer = target.send(case, headers)
        statuses.append(answer.status_code)
        assert answer.status_code != 500, answer.text
        case.validate_response(answer, checks=CHECKS)

    examples()
    return statuses


@pytest.mark.parametrize(("operation", "mode"), CASES)
async def test_an_administrator_gets_what_the_document_says(
    operation: str, mode: GenerationMode, target: Target
) -> None:
    headers = {"Authorization": f"Bearer {await target.token()}"}
    await asyncio.to_thread(_explore, operation, mode, target, headers)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_service_and_nobody_get_what_the_document_says(operation: str, target: Target) -> None:
    path, method = OPERATIONS[operation].path, OPERATIONS[operation].method.upper()
    statuses = await asyncio.to_thread(_explore, operation, VALID, target, {})
    if ROUTES[method, path] is not None:
        assert set(statuses) <= {400, 401}, "without a credential there is nothing but 401 (or a malformed request)"
        basic = base64.b64encode(":".join(SERVICE).encode()).decode()
        await asyncio.to_thread(_explore, operation, VALID, target, {"Authorization": f"Basic {basic}"})
