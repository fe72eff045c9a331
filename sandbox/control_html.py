"""The HTML of the control page, put together from small pieces."""

from html import escape
from pathlib import Path
from string import Template

from sandbox import control_html_events, control_html_trouble
from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.control_html_parts import form, hidden, select
from sandbox.controls import Controls
from sandbox.people import PERSON_STATES
from sandbox.records import VERIFIED, Connection, Directory, Domain, Group, Organization, Person
from sandbox.tenants import CONNECTION_STATES, DIRECTORY_STATES

SHELL = Template(Path(__file__).with_name("control_page.html").read_text(encoding="utf-8"))
SHOWN = 50


def home(controls: Controls, said: str = "") -> str:
    """Return the page; `said`: what is wrong with the form that was sent.

    On it: every organization with its connections, directories and people; below what can be broken,
    above the evidence.
    """
    credentials = controls.world.credentials
    organizations = "".join(_organization(controls, each) for each in controls.world.organizations.values())
    return SHELL.substitute(
        said=f"<p class=said role=alert>{escape(said)}</p>" if said else "",
        public_url=escape(controls.public_url),
        client_id=escape(credentials.client_id),
        api_key=escape(credentials.api_keys[0]),
        organizations=organizations,
        trouble=control_html_trouble.trouble(controls),
        papers=control_html_trouble.papers(controls),
        events=control_html_events.events(controls),
        deliveries=control_html_events.deliveries(controls),
    )


def _organization(controls: Controls, record: Organization) -> str:
    world = controls.world
    domains = " ".join(map(_domain, world.domains_of(record.id)))
    connections = [c for c in world.connections.values() if c.organization_id == record.id]
    directories = [d for d in world.directories.values() if d.organization_id == record.id]
    people = [p for p in world.people.values() if p.organization_id == record.id]
    rows = "".join(_person(controls, person, connections) for person in people[:SHOWN])
    more = f"<p>{len(people) - SHOWN} more people.</p>" if len(people) > SHOWN else ""
    return (
        f"<section><h2>{escape(record.name)}</h2><p><code>{record.id}</code></p>{domains}"
        + "".join(map(_connection, connections))
        + "".join(map(_directory, directories))
        + f"<table><tr><th>Person<th>State and groups<th>Sign in<th></tr>{rows}</table>{more}"
        + _add_person(record, directories)
        + "</section>"
    )


def _domain(record: Domain) -> str:
    """A domain; where it waits for its DNS record, the button that says that it is there."""
    verify = "" if record.state in VERIFIED else "<button>Its DNS record is there</button>"
    return form("domain", f"{hidden(record.id)}{escape(record.domain)} <small>{record.state}</small> {verify}")


def _connection(record: Connection) -> str:
    return form(
        "connection",
        f"{hidden(record.id)}<b>{escape(record.name)}</b> {escape(record.type)} <code>{record.id}</code> "
        f"{select('state', CONNECTION_STATES, record.state)} fail with "
        f"{select('fail_with', ['', *CALLBACK_ERRORS], record.fail_with or '')}<button>Save</button>",
    )


def _directory(record: Directory) -> str:
    return form(
        "directory",
        f"{hidden(record.id)}<b>{escape(record.name)}</b> {escape(record.type)} <code>{record.id}</code> "
        f"{select('state', DIRECTORY_STATES, record.state)}<button>Save</button>",
    )


def _person(controls: Controls, person: Person, connections: list[Connection]) -> str:
    groups = [g for g in controls.world.groups.values() if g.organization_id == person.organization_id]
    boxes = "".join(_box(group, person) for group in groups)
    tiles = "".join(_tile(controls, each, person) for each in connections if each.type.endswith("SAML"))
    edit = form(
        "person", f"{hidden(person.id)}{select('state', PERSON_STATES, person.state)}{boxes}<button>Save</button>"
    )
    remove = form("remove-person", f"{hidden(person.id)}<button>Remove</button>")
    name = f"{escape(person.name or '')}<br><small>{escape(person.email or '')}</small>"
    return f"<tr><td>{name}<td>{edit}<td>{tiles}<td>{remove}</tr>"


def _box(group: Group, person: Person) -> str:
    checked = " checked" if person.id in group.members else ""
    return f"<label><input type=checkbox name=groups value='{group.id}'{checked}>{escape(group.name)}</label>"


def _tile(controls: Controls, connection: Connection, person: Person) -> str:
    """A link that does what the tile at the identity provider does."""
    link = f"{controls.public_url}/idp/{connection.id}/launch?person={person.id}"
    return f"<a href='{escape(link)}'>from {escape(connection.name)}</a> " if person.sso else ""


def _add_person(record: Organization, directories: list[Directory]) -> str:
    home = f"<input type=hidden name=directory value='{directories[0].id}'>" if directories else ""
    return form(
        "add-person",
        f"<input type=hidden name=organization value='{record.id}'>{home}"
        "<input name=first_name placeholder='First name'><input name=last_name placeholder='Last name'>"
        "<input name=email placeholder='E-mail'><button>Add person</button>",
    )
