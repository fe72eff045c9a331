"""Builders: a tenant with a connection and people, in the twin and in the gateway."""

import itertools
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.onboarding import flow as onboarding
from app.uow import SYSTEM
from tests.gateway import Browser, Stage

_numbers = itertools.count(1)


@dataclass(slots=True)
class Tenant:
    """A tenant under test; `people` are e-mail addresses by first name."""

    stage: Stage
    id: UUID
    workos_id: str
    domain: str
    connection_workos_id: str
    connection_id: UUID
    people: dict[str, str] = field(default_factory=dict[str, str])

    async def policy(self, **changes: Any) -> None:  # noqa: ANN401 -- any column
        """Change the tenant's policy."""
        for column, value in changes.items():
            await self.stage.sql(
                f"update organization_policies set {column} = $2 where organization_id = $1",  # noqa: S608 -- a test's own constant
                self.id,
                value,
            )

    async def signed_in(self, name: str = "ada") -> Browser:
        """Return a browser in which this person has signed in."""
        browser = self.stage.browser()
        answer = await browser.sign_in(self.people[name], connection=self.connection_workos_id)
        assert answer.status_code == 303, answer.text
        return browser

    async def at_callback(self, name: str = "ada", **query: str) -> tuple[Browser, str]:
        """Return a browser that started a sign-in, and the callback's URL to which the twin sends it."""
        browser = self.stage.browser()
        started = await browser.start(connection=self.connection_workos_id, login_hint=self.people[name], **query)
        return browser, await browser.at_identity_provider(started)

    async def user_id(self, name: str = "ada") -> UUID:
        """Return the `sub` of a person who has signed in before."""
        rows = await self.stage.sql(
            "select id from users where organization_id = $1 and email_lower = $2", self.id, self.people[name]
        )
        found: UUID = rows[0]["id"]
        return found


async def a_tenant(stage: Stage, *, connection_type: str = "OktaSAML", **groups: str) -> Tenant:
    """Return a new tenant with one active connection and one person per name, each in the group given.

    Without names there is `ada`, in `MemberPulse Admins`. The domain is the tenant's own.
    """
    number = next(_numbers)
    domain = f"tenant{number}.example"
    twin = stage.twin
    organization = twin.add_organization(f"Tenant {number}")
    twin.add_domain(organization.id, domain)
    connection = twin.add_connection(organization.id, f"Tenant {number} SSO", type=connection_type)
    people: dict[str, str] = {}
    for name, group in (groups or {"ada": "MemberPulse Admins"}).items():
        people[name] = f"{name}@{domain}"
        twin.add_person(
            organization.id,
            email=people[name],
            first_name=name.title(),
            last_name="Test",
            department_name="Research",
            job_title="Tester",
            groups=[group] if group else [],
        )
    identifier = await onboarding.create(
        stage.assembly.runtime, name=organization.name, workos_id=organization.id, actor=SYSTEM
    )
    rows = await stage.sql("select id from connections where organization_id = $1", identifier)
    return Tenant(stage, identifier, organization.id, domain, connection.id, rows[0]["id"], people)
