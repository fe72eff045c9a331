"""The HTML of the control page, put together from small pieces."""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template
from typing import get_args

from sandbox import control_html_events
from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.controls import Controls
from sandbox.faults import Kind
from sandbox.people import PERSON_STATES
from sandbox.records import Connection, Directory, Group, Organization, Person
from sandbox.tenants import CONNECTION_STATES, DIRECTORY_STATES

SHELL = Template(Path(__file__).with_name("control_page.html").read_text(encoding="utf-8"))
SHOWN = 50


def home(controls: Controls) -> str:
    """Return the page: every organization with its connections, directories and people; then trouble and evidence."""
    credentials = controls.world.credentials
    organizations = "".join(_organization(controls, each) for each in controls.world.organizations.values())
    return SHELL.substitute(
        public_url=escape(controls.public_url),
        client_id=escape(credentials.client_id),
        api_key=escape(credentials.api_keys[0]),
        organizations=organizations,
        faults=_faults(controls),
        events=control_html_events.events(controls),
        deliveries=control_html_events.deliveries(controls),
    )


def _organization(controls: Controls, record: Organization) -> str:
    world = controls.world
    domains = ", ".join(f"{d.domain} ({d.state})" for d in world.domains_of(record.id))
    connections = [c for c in world.connections.values() if c.organization_id == record.id]
    directories = [d for d in world.directories.values() if d.organization_id == record.id]
    people = [p for p in world.people.values() if p.organization_id == record.id]
    rows = "".join(_person(controls, person, connections) for person in people[:SHOWN])
    more = f"<p>{len(people) - SHOWN} more people.</p>" if len(people) > SHOWN else ""
    return (
        f"<section><h2>{escape(record.name)}</h2><p><code>{record.id}</code> {escape(domains)}</p>"
        + "".join(map(_connection, connections))
        + "".join(map(_directory, directories))
        + f"<table><tr><th>Person<th>State and groups<th>Sign in<th></tr>{rows}</table>{more}"
        + _add_person(record, directories)
        + "</section>"
    )


def _connection(record: Connection) -> str:
    return _form(
        "connection",
        f"{_id(record.id)}<b>{escape(record.name)}</b> {escape(record.type)} <code>{record.id}</code> "
        f"{_select('state', CONNECTION_STATES, record.state)} fail with "
        f"{_select('fail_with', ['', *CALLBACK_ERRORS], record.fail_with or '')}<button>Save</button>",
    )


def _directory(record: Directory) -> str:
    return _form(
        "directory",
        f"{_id(record.id)}<b>{escape(record.name)}</b> {escape(record.type)} <code>{record.id}</code> "
        f"{_select('state', DIRECTORY_STATES, record.state)}<button>Save</button>",
    )


def _person(controls: Controls, person: Person, connections: list[Connection]) -> str:
    groups = [g for g in controls.world.groups.values() if g.organization_id == person.organization_id]
    boxes = "".join(_box(group, person) for group in groups)
    tiles = "".join(_tile(controls, each, person) for each in connections if each.type.endswith("SAML"))
    edit = _form(
        "person", f"{_id(person.id)}{_select('state', PERSON_STATES, person.state)}{boxes}<button>Save</button>"
    )
    remove = _form("remove-person", f"{_id(person.id)}<button>Remove</button>")
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
    return _form(
        "add-person",
        f"<input type=hidden name=organization value='{record.id}'>{home}"
        "<input name=first_name placeholder='First name'><input name=last_name placeholder='Last name'>"
        "<input name=email placeholder='E-mail'><button>Add person</button>",
    )


def _faults(controls: Controls) -> str:
    listed = "".join(f"<li><code>{escape(f.route)}</code> {f.kind} {_times(f.times)}</li>" for f in controls.faults)
    adding = (
        "<input name=route value='POST /sso/token' aria-label='Route'>"
        f"{_select('kind', get_args(Kind), 'status')} times <input name=times size=3 placeholder='ever'>"
        "<button>Add fault</button>"
    )
    return f"<ul>{listed}</ul>{_form('fault', adding)}{_form('clear-faults', '<button>Clear faults</button>')}"


def _times(times: int | None) -> str:
    return "until removed" if times is None else f"{times} more times"


def _form(verb: str, body: str) -> str:
    return f"<form method=post action=/forms/{verb}>{body}</form>"


def _id(value: str) -> str:
    return f"<input type=hidden name=id value='{escape(value)}'>"


def _select(name: str, choices: Iterable[str], chosen: str) -> str:
    ordered = choices if isinstance(choices, (list, tuple)) else sorted(choices)
    options = "".join(f"<option{' selected' if each == chosen else ''}>{each}</option>" for each in ordered)
    return f"<select name={name}>{options}</select>"
