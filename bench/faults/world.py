"""World: the twin's seed for a scenario: so many organizations, each with connections, a directory, groups, people."""

from typing import Any

API_KEY = "sk_test_memberpulse_sandbox"
CLIENT_ID = "client_memberpulse_sandbox"
ROLE_GROUPS = {
    "MemberPulse Admins": "ROLE_CLIENT_ADMIN",
    "MemberPulse Staff": "ROLE_CLIENT_USER",
    "MemberPulse Members": "ROLE_MEMBER",
}
"""The groups whose members get a role by the default rules, in the rules' order."""


def seed_of(number: int, *, organizations: int, people: int) -> dict[str, Any]:
    """Return the seed of a twin. `people` are in the directory when the organization is linked."""
    return {
        "random_seed": number,
        "api_keys": [API_KEY],
        "client_id": CLIENT_ID,
        "redirect_uris": ["http://localhost:*/auth/callback/workos"],
        "default_redirect_uri": "http://localhost:8000/auth/callback/workos",
        "organizations": [_organization(each, people) for each in range(organizations)],
    }


def _organization(number: int, people: int) -> dict[str, Any]:
    domain = f"tenant{number}.example"
    return {
        "name": f"Tenant {number}",
        "domains": [{"domain": domain, "state": "verified"}],
        "connections": [
            {"name": f"Door {number}", "type": "OktaSAML", "state": "active"},
            # Switched on and off by the model: people sign in by the other one.
            {"name": f"Side door {number}", "type": "GenericSAML", "state": "active"},
        ],
        "directory": {"name": f"Directory {number}", "type": "okta scim v2.0", "state": "linked"},
        "groups": [*ROLE_GROUPS, "Engineering"],
        "people": [_person(each, domain) for each in range(people)],
    }


def _person(number: int, domain: str) -> dict[str, Any]:
    return {
        "email": f"planted{number}@{domain}",
        "first_name": "Planted",
        "last_name": f"No{number}",
        "groups": [list(ROLE_GROUPS)[number % len(ROLE_GROUPS)]],
    }
