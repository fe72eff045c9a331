"""Every page of the console, with somebody who may see it: for what is asked of all of them."""

from dataclasses import dataclass
from typing import Any

from tests.console.house import OLIVIA, House
from tests.gateway import Browser

ADA = "ada@acme.example"


@dataclass(frozen=True, slots=True)
class Place:
    """A page: its name in a list of pictures, who looks at it, its address, and a heading that says it is there."""

    name: str
    email: str
    path: str
    heading: str


async def _first(browser: Browser, path: str, **query: str) -> dict[str, Any]:
    answer = await browser.api("GET", path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"][0]
    return found


async def everywhere(house: House) -> list[Place]:
    """Return all pages, with the ids of this house."""
    async with house.outside(ADA) as ada:
        organization = (await ada.api("GET", "/auth/session")).json()["organization"]
        directory = await _first(ada, "/api/directories")
        run = await _first(ada, f"/api/directories/{directory['id']}/syncs")
        connection = await _first(ada, "/api/auth/sso/connections", state="active")
        person = await _first(ada, "/api/users", email="alan@acme.example")
    async with house.outside(OLIVIA) as olivia:
        event = await _first(olivia, "/api/webhooks/events")
    home = f"directories/{directory['id']}"
    return [
        Place("organizations", OLIVIA, "organizations", "Organizations"),
        Place("organization-new", OLIVIA, "organizations/new", "Add organization"),
        Place("organization", OLIVIA, f"organizations/{organization['id']}", organization["name"]),
        Place("webhooks", OLIVIA, "webhooks", "Webhooks"),
        Place("webhook", OLIVIA, f"webhooks/{event['id']}", event["event"]),
        Place("audit", ADA, "audit", "Audit log"),
        Place("health", OLIVIA, "health", "Health"),
        Place("settings", OLIVIA, "settings/workos", "WorkOS settings"),
        Place("settings-rotation", OLIVIA, "settings/workos?view=rotation", "WorkOS settings"),
        Place("service-clients", OLIVIA, "service-clients", "Service clients"),
        Place("attributes", ADA, "attributes", "Attributes"),
        Place("directories", ADA, "directories", "Directory Sync"),
        Place("directory-add", ADA, "directories/add", "Add Directory"),
        Place("directory-users", ADA, home, directory["name"]),
        Place("directory-groups", ADA, f"{home}?view=groups", directory["name"]),
        Place("directory-syncs", ADA, f"{home}?view=syncs", directory["name"]),
        Place("directory-about", ADA, f"{home}?view=about", directory["name"]),
        Place("sync", ADA, f"{home}/syncs/{run['id']}", "Sync"),
        Place("sso", ADA, "sso", "Single sign-on"),
        Place("sso-configure", ADA, "sso/configure", "Configure SSO"),
        Place("connections", ADA, "connections", "SSO connections"),
        Place("connection", ADA, f"connections/{connection['id']}", connection["name"]),
        Place("roles", ADA, "roles", "Roles"),
        Place("people", ADA, "people", "People"),
        Place("person", ADA, f"people/{person['id']}", "Alan Turing"),
        Place("diagnostics", ADA, "diagnostics?email=alan@acme.example", "Sign-in diagnostics"),
        Place("account", ADA, "account", "My account"),
    ]
