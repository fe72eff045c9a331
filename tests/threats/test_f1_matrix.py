"""F1: every route, asked by everybody who may come, answers as the one table says; no route stands outside of it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.access.permissions import MATRIX, ROUTES, reach
from app.access.roles import CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN, SERVICE
from tests.builders import Tenant, a_tenant
from tests.gateway import BASE, Browser, Stage
from tests.gateway import SERVICE as CREDENTIALS
from tests.threats.matrix import CALLERS, EXPECTED, GUARDED, OPEN
from tests.threats.tenancy import fill
from tests.threats.test_e1_foreign_ids import BODIES, ids_of
from tests.threats.test_e13_mass_assignment import VALID
from tests.threats.test_f12_missing_audit import ACTS

ROLES = {
    "member": MEMBER,
    "user": CLIENT_USER,
    "admin": CLIENT_ADMIN,
    "other": CLIENT_ADMIN,
    "platform": PLATFORM_ADMIN,
    "service": SERVICE,
}
# What one caller's success would spoil for the next is asked of a tenant that nobody has touched.
CASTS = (tuple(name for name in CALLERS if name != "platform"), ("platform",))
BY_COOKIE = {("POST", "/auth/token"), ("POST", "/auth/logout")}
QUERIES = {("GET", "/api/diagnostics/sign-in"): {"email": "ada@f1.example", "organization": "{organization_id}"}}
FORMS = {("POST", "/auth/introspect"): {"token": "t"}, ("POST", "/auth/revoke"): {"token": "t"}}


@dataclass(slots=True)
class Cast:
    """A tenant with one row of everything, another one, and everybody who may come to its routes."""

    home: Tenant
    people: dict[str, Browser]
    ids: dict[str, str]

    async def ask(self, who: str, method: str, path: str) -> httpx.Response:
        """Return what this caller is answered: people come with their token, and with their cookie where it counts."""
        options: dict[str, Any] = {"headers": {"Origin": BASE}}
        cookies = None
        if who == "service":
            options["auth"] = CREDENTIALS
        elif who != "anonymous":
            # All emergency sessions are one person's: signing out everywhere, as this route may, ends them all.
            browser = await self.home.stage.platform_admin() if who == "platform" else self.people[who]
            options["headers"] |= await browser.bearer()
            cookies = browser.http.cookies if (method, path) in BY_COOKIE else None
        query = QUERIES.get((method, path), {})
        if query and who != "other":  # who asks for their own
            options["params"] = {name: value.format(**self.ids) for name, value in query.items()}
        elif query:
            options["params"] = {"email": query["email"]}
        if (method, path) in FORMS:
            options["data"] = FORMS[method, path]
        elif (body := self._body(method, path)) is not None:
            options["json"] = body
        address = f"198.51.100.{CALLERS.index(who)}"
        async with self.home.stage.browser(address=address, cookies=cookies).http as http:
            return await http.request(method, path.format(**self.ids), **options)

    def _body(self, method: str, path: str) -> dict[str, Any] | None:
        act = ACTS.get((method, path))
        told = act.told(self.ids) if act else None
        return told or BODIES.get((method, path)) or (VALID.get((method, path)) if (method, path) in OPEN else None)


async def a_cast(stage: Stage) -> Cast:
    """Return a new cast. The person whose sessions and rights are changed is none of the callers."""
    home = await a_tenant(
        stage,
        paul="MemberPulse Members",
        ada="MemberPulse Admins",
        sam="MemberPulse Staff",
        mia="MemberPulse Members",
    )
    await fill(home)
    elsewhere = await a_tenant(stage)
    people = {
        "member": await home.signed_in("mia"),
        "user": await home.signed_in("sam"),
        "admin": await home.signed_in("ada"),
        "other": await elsewhere.signed_in(),
    }
    await home.signed_in("paul")
    ids = {name: values[0] for name, values in (await ids_of(home)).items()}
    return Cast(home, people, ids | {"person_id": str(await home.user_id("paul"))})


async def prepare(cast: Cast, method: str, path: str) -> None:
    """Let the act's own beginning be so, and name a session that the route is about."""
    if (method, path) in ACTS:
        await cast.home.stage.sql(ACTS[method, path].before, cast.home.id)
    if "{session_id}" in path:
        person = await cast.home.user_id("ada" if path.startswith("/auth/") else "paul")
        found = await cast.home.stage.sql("select id from sessions where user_id = $1 order by id desc limit 1", person)
        cast.ids["session_id"] = str(found[0]["id"])


@pytest.fixture(scope="module")
async def shared(running_stage: Stage) -> AsyncGenerator[Cast]:
    yield await a_cast(running_stage)
    await running_stage.forget_settings()


async def test_f1_every_served_route_is_in_the_table_and_nothing_else(stage: Stage) -> None:
    document = (await stage.browser().http.get("/openapi.json")).json()
    served = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert set(EXPECTED) == served == set(ROUTES), "a new route gets a line in tests/threats/matrix.py"


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_f1_the_table_says_what_the_matrix_says(route: tuple[str, str]) -> None:
    permission = ROUTES[route]
    assert permission in MATRIX
    for who, status in EXPECTED[route].items():
        far = reach(permission, (ROLES[who],)) if who in ROLES else None
        person = who not in {"anonymous", "service"}
        if far is None:
            assert status == (403 if person and SERVICE not in MATRIX[permission] else 401), who
        elif far == "own" and "{" in route[1] and who == "other":
            assert status == 404, who
        else:
            assert status not in {401, 403}, who


@pytest.mark.parametrize("route", EXPECTED, ids=str)
async def test_f1_every_cell(route: tuple[str, str], stage: Stage, shared: Cast) -> None:
    found: dict[str, tuple[int, str]] = {}
    for callers in CASTS:
        cast = shared if route[0] == "GET" else await a_cast(stage)
        for who in callers:
            await prepare(cast, *route)
            answer = await cast.ask(who, *route)
            found[who] = answer.status_code, answer.text[:200]
    assert {who: status for who, (status, _) in found.items()} == EXPECTED[route], found
