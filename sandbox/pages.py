"""The pages a browser sees at the twin: pick a person, an error of our own, a notice."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template

from sandbox.callback_errors import CALLBACK_ERRORS
from sandbox.records import Connection, Person
from sandbox.state import World

SHELL = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
SHOWN = 25
OUR_OWN = frozenset({"sandbox_person", "sandbox_error", "sandbox_search", "person"})


def pick(
    world: World,
    connection: Connection,
    people: list[Person],
    query: Mapping[str, str],
    parameter: str = "sandbox_person",
) -> str:
    """Return the page on which one clicks on a person of the connection, or on an error to fail with."""
    search = query.get("sandbox_search", query.get("login_hint", ""))
    found = [person for person in people if _contains(person, search)]
    owner = world.organizations.get(connection.organization_id or "")
    hidden = _hidden(query)
    rows = "".join(_person(world, person, parameter) for person in found[:SHOWN])
    more = f"<p class=quiet>{len(found) - SHOWN} more: search to narrow.</p>" if len(found) > SHOWN else ""
    nobody = "" if found else _nobody(hidden)
    body = (
        f"<p class=quiet>{escape(connection.name)} ({escape(connection.type)})</p>"
        f"<form class=search>{hidden}<input name=sandbox_search value='{escape(search)}' "
        "placeholder='Search people' aria-label='Search people'><button>Search</button></form>"
        f"<form>{hidden}<ul>{rows}</ul></form>{more}{nobody}"
    )
    if parameter == "sandbox_person":
        body += f"<form class=fail>{hidden}{_errors()}<button>Fail</button></form>"
    return page(f"Sign in to {owner.name if owner else connection.name}", body)


def error(reason: str, title: str = "This sign-in cannot start") -> str:
    """Return the page for a request that must not be answered by a redirect."""
    return page(title, f"<p>{escape(reason)}</p>")


def notice(title: str, text: str) -> str:
    """Return a page with one sentence."""
    return page(title, f"<p>{escape(text)}</p>")


def page(title: str, body: str) -> str:
    """Return a page; `body` is HTML, the title is not."""
    return SHELL.substitute(title=escape(title), body=body)


def _nobody(hidden: str) -> str:
    """Whoever mistyped an address has no way on without the button."""
    everybody = f"<form class=search>{hidden}<button name=sandbox_search value=''>Show everybody</button></form>"
    return f"<p class=quiet>Nobody of that name at this connection.</p>{everybody}"


def _hidden(query: Mapping[str, str]) -> str:
    """The request's own parameters, carried along by every form of the page."""
    kept = [(name, value) for name, value in query.items() if name not in OUR_OWN]
    return "".join(f"<input type=hidden name='{escape(n)}' value='{escape(v)}'>" for n, v in kept)


def _person(world: World, person: Person, parameter: str) -> str:
    groups = ", ".join(group.name for group in world.groups_of(person))
    state = "" if person.state == "active" else f" <em>{escape(person.state)}</em>"
    return (
        f"<li><button name={parameter} value='{escape(person.id)}'><b>{escape(person.name or '')}</b>{state}"
        f"<span>{escape(person.email or 'no e-mail')}</span><span class=quiet>{escape(groups)}</span></button></li>"
    )


def _errors() -> str:
    options = "".join(f"<option>{code}</option>" for code in CALLBACK_ERRORS)
    return f"<label>Fail with <select name=sandbox_error>{options}</select></label>"


def _contains(person: Person, search: str) -> bool:
    return search.lower() in f"{person.name or ''} {person.email or ''}".lower()
