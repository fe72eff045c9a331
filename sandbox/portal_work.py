"""What a person does in the Admin Portal: connect a directory with its people, connect single sign-on."""

from sandbox.people import PeopleControls
from sandbox.records import Connection, Directory, Person
from sandbox.state import World
from sandbox.tenants import TenantControls

DIRECTORIES = {
    "okta": ("Okta", "okta scim v2.0"),
    "azure": ("Entra ID", "azure scim v2.0"),
    "google": ("Google Workspace", "gsuite directory"),
    "onelogin": ("OneLogin", "onelogin scim v2.0"),
    "jumpcloud": ("JumpCloud", "jump cloud scim v2.0"),
    "generic": ("Custom SCIM v2.0", "generic scim v2.0"),
}
CONNECTIONS = {
    "okta": ("Okta", "OktaSAML"),
    "azure": ("Entra ID", "AzureSAML"),
    "google": ("Google Workspace", "GoogleSAML"),
    "generic": ("Custom SAML", "GenericSAML"),
    "oidc": ("Custom OpenID Connect", "GenericOIDC"),
}
STAFF = (
    ("Annie", "Easley", "MemberPulse Admins"),
    ("Ken", "Thompson", "MemberPulse Staff"),
    ("Lynn", "Conway", "MemberPulse Members"),
    ("Tony", "Hoare", "MemberPulse Members"),
)
SOURCE = "admin_portal"


def connect_directory(world: World, organization_id: str, provider: str) -> Directory:
    """Connect a directory of a provider (a key of `DIRECTORIES`): `dsync.activated`, then its groups and people.

    Who could only sign in so far is in it, with the groups they had, and four people are hired.
    """
    name, kind = DIRECTORIES[provider]
    owner = world.organization(organization_id)
    made = TenantControls(world, SOURCE).add_directory(owner.id, f"{owner.name} {name}", type=kind)
    people = PeopleControls(world)
    groups: dict[str, str] = {}

    def group(title: str) -> str:
        if title not in groups:
            groups[title] = people.add_group(owner.id, title, directory=made.id).id
        return groups[title]

    for person in [each for each in world.people.values() if each.organization_id == owner.id]:
        if person.directory_id is None:
            titles = [each.name for each in world.groups_of(person)]
            moved = people.change_person(person.id, directory=made.id)
            people.set_groups(moved.id, [group(title) for title in titles])
    for first, last, title in STAFF:
        _hire(world, people, made, first, last, group(title))
    return made


def connect_sso(world: World, organization_id: str, provider: str) -> Connection:
    """Connect single sign-on with a provider (a key of `CONNECTIONS`): `connection.activated`."""
    name, kind = CONNECTIONS[provider]
    owner = world.organization(organization_id)
    return TenantControls(world, SOURCE).add_connection(owner.id, f"{owner.name} {name}", type=kind)


def add_domain(world: World, organization_id: str, domain: str) -> None:
    """Add a domain that waits for its DNS record: `organization_domain.created`."""
    TenantControls(world, SOURCE).add_domain(organization_id, domain, state="pending")


def verify_domain(world: World, domain_id: str) -> None:
    """Find a domain's DNS record: `organization_domain.verified`. Nobody looks it up."""
    TenantControls(world, SOURCE).change_domain(domain_id, state="verified")


def _hire(world: World, people: PeopleControls, home: Directory, first: str, last: str, group: str) -> Person:  # noqa: PLR0913, PLR0917
    domain = next((each.domain for each in world.domains_of(home.organization_id)), "people.example")
    taken = {(each.email or "").lower() for each in world.people.values()}
    names = (first.lower(), *(f"{first.lower()}{number}" for number in range(2, len(taken) + 3)))
    return people.add_person(
        home.organization_id,
        directory=home.id,
        email=next(f"{name}@{domain}" for name in names if f"{name}@{domain}" not in taken),
        first_name=first,
        last_name=last,
        department_name="Research",
        job_title="Employee",
        groups=[group],
    )
